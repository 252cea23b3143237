-- The server killed before a delivery is sent, after it was sent and before that is noted, and at any moment: no end of a
-- run that was asked for is left untold, and what comes twice has one name.
local hooked = require "hooked"
local weir_server = require "server"

local function dies(s)
  weir_server.wait("the server's death", function() return not s:is_alive() end)
  s.pid = nil
end

local function killed_at(t, receiver, point, before)
  local s = hooked.server(t, "WEIR_HOOK_WAIT_MS=50 WEIR_FAULT=kill:" .. point)
  local hook = hooked.make(s, receiver, point)
  s:expect(202, "POST", "/v1/syncs/good/run")
  dies(s)
  t.equal(#hooked.log(receiver, point), before, "how often it was told when the server died at " .. point)
  s.program = t.program
  s:start()
  local arrived = hooked.arrived(t, receiver, { name = point, count = before + 1 })
  for _, one in ipairs(arrived) do
    t.equal({ one.delivery, one.event, one.good }, { arrived[1].delivery, "done", true }, "what came")
  end
  hooked.delivery(s, "done")
  t.equal(#hooked.log(receiver, point), before + 1, "how often it was told")
  hooked.drop(s, hook)
  s:stop()
end

-- Asks for runs until the server is killed; gives the numbers of those that were answered.
local function asked(s, ids, random)
  for _ = 1, random(1, 4) do
    local right, answer = pcall(s.call, s, "POST", "/v1/syncs/good/run")
    if right and answer.status == 202 then ids[answer.json.run.id] = true end
  end
end

local function killed_at_any_moment(t, receiver)
  local seed = tonumber(os.getenv "WEIR_SEED") or os.time()
  math.randomseed(seed)
  t.told = ("seed %d"):format(seed)
  local s = hooked.server(t, "WEIR_HOOK_WAIT_MS=50")
  hooked.make(s, receiver, "any", { 500, "close", 200, "half", 503, 200, 200, "close", 500 })
  local ids = {}
  for _ = 1, 12 do
    asked(s, ids, math.random)
    t.shell.must(("sleep %.3f"):format(math.random() * 0.4))
    s:stop "KILL"
    s:start()
  end
  local count = 0
  for id in pairs(ids) do
    local run = s:expect(200, "GET", ("/v1/runs/%d?wait=60"):format(id)).json
    t.equal({ run.state, run.status }, { "ended", "done" }, "run " .. id)
    count = count + 1
  end
  t.check(count > 3, "only %d runs were answered", count)
  weir_server.wait("the end of all deliveries", function()
    return #s:expect(200, "GET", "/v1/deliveries?state=waiting").json.deliveries == 0
  end)
  local told, names = {}, {}
  for _, one in ipairs(hooked.log(receiver, "any")) do
    t.check(one.good, "a signature is wrong")
    local event = ("%d %s"):format(one.body.run, one.event)
    t.check(names[one.delivery] == nil or names[one.delivery] == event, "one name, two events")
    names[one.delivery] = event
    if one.answer == 200 then told[event] = true end
  end
  for id in pairs(ids) do t.check(told[id .. " done"], "run %d has ended and nobody was told (%s)", id, t.told) end
end

return function(t)
  local receiver = t.receiver()
  killed_at(t, receiver, "hooks.send", 0)
  killed_at(t, receiver, "hooks.note", 1)
  killed_at_any_moment(t, receiver)
end
