-- Webhooks against a receiver that checks their signature, fails, is slow, hangs up and redirects: every event arrives at
-- least once under one name, and nobody waits for who doesn't answer.
local hooked = require "hooked"

local function taken_after_failing(t, s, receiver)
  local hook = hooked.make(s, receiver, "flaky", { 500, "close", "half", "redirect" })
  local run = hooked.run(s, "good")
  local arrived = hooked.arrived(t, receiver, { name = "flaky", count = 5 })
  for _, one in ipairs(arrived) do
    t.check(one.good, "a signature is wrong")
    t.equal({ one.event, one.delivery, one.body.run }, { "done", arrived[1].delivery, run.id }, "what came again")
  end
  local body = arrived[5].body
  t.equal({ body.event, body.delivery, body.org, body.sync, body.status, body.counts.created, body.code },
    { "done", arrived[5].delivery, "org", "good", "done", 2, t.json.null }, "the event")
  local delivery = hooked.delivery(s, "done")
  t.equal({ delivery.delivery, delivery.hook, delivery.run, delivery.attempts }, { arrived[1].delivery, hook.id, run.id, 5 },
    "what is noted of it")
  t.equal(#hooked.log(receiver, "elsewhere"), 0, "a redirect was followed")
  hooked.drop(s, hook)
end

local function told_what_was_asked_for(t, s, receiver)
  local only = hooked.make(s, receiver, "only", {}, { events = { "failed", "warning" } })
  local slack = hooked.make(s, receiver, "slack", {}, { form = "slack" })
  hooked.run(s, "good")
  local failed = hooked.run(s, "bad")
  local one = hooked.arrived(t, receiver, { name = "only", count = 1 })[1]
  t.equal({ one.event, one.body.status, one.body.sync, one.body.code }, { "failed", "failed", "bad", failed.code }, "the one")
  local lines = hooked.arrived(t, receiver, { name = "slack", count = 2 })
  t.equal(lines[1].body, { text = ("org/good: run %d is done: 2 read, 2 unchanged"):format(failed.id - 1) }, "Slack's line")
  t.check(lines[2].body.text:find(("org/bad: run %d has failed"):format(failed.id), 1, true), lines[2].body.text)
  t.check(not lines[2].body.text:find "[<>]", "it isn't escaped: " .. lines[2].body.text)
  t.equal(#hooked.log(receiver, "only"), 1, "what it didn't ask for")
  hooked.drop(s, only)
  hooked.drop(s, slack)
end

local function gone_ends_it(t, s, receiver)
  local hook = hooked.make(s, receiver, "gone", { 410 })
  s:expect(202, "POST", "/v1/hooks/" .. hook.id .. "/test")
  local dead = hooked.delivery(s, "dead")
  t.equal({ dead.event, dead.attempts, dead.message, dead.run }, { "test", 1, "it answered with 410", t.json.null }, "the dead one")
  s:expect(202, "POST", "/v1/deliveries/" .. dead.id .. "/retry")
  local arrived = hooked.arrived(t, receiver, { name = "gone", count = 2 })
  t.equal(arrived[1].delivery, arrived[2].delivery, "its name when it is sent again")
  s:expect(404, "POST", "/v1/deliveries/" .. dead.id .. "/retry")
  hooked.drop(s, hook)
end

local function twelve_attempts(t, s, receiver)
  local hook = hooked.make(s, receiver, "never", { 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500 })
  s:expect(202, "POST", "/v1/hooks/" .. hook.id .. "/test")
  local dead = hooked.delivery(s, "dead")
  t.equal({ dead.attempts, dead.message }, { 12, "it answered with 500" }, "the one that was given up")
  t.equal(#hooked.log(receiver, "never"), 12, "how often it was sent")
  t.check(s:expect(200, "GET", "/metrics", { token = s.any }).text:find "\nweir_deliveries_dead 1\n", "it isn't counted")
  hooked.drop(s, hook)
end

-- Four that never answer take every thread for one sending; then they rest, and the fifth is told.
local function slow_ones_hold_nobody(t, s, receiver)
  local slow = {}
  for i = 1, 4 do slow[i] = hooked.make(s, receiver, "slow" .. i, { "slow", "slow", "slow" }) end
  local quick = hooked.make(s, receiver, "quick")
  for _ = 1, 3 do hooked.run(s, "good") end
  hooked.arrived(t, receiver, { name = "quick", count = 3 })
  for _, one in ipairs(slow) do
    t.check(#hooked.log(receiver, one.name) < 3, one.name .. " took the others' turn")
    hooked.drop(s, one)
  end
  hooked.drop(s, quick)
end

local function secrets_stay(t, s, receiver)
  local hook = hooked.make(s, receiver, "secret", {}, nil, "/T0/B0/xoxb-secret?key=abc")
  local text = s:expect(200, "GET", "/v1/hooks").text
  t.check(not text:find "xoxb" and not text:find "abc" and not text:find(hook.secret, 1, true), "it shows a secret: " .. text)
  t.check(text:find("/hook/secret/T0/B0/…", 1, true), text)
  local code, dump = t.shell.run(("sqlite3 %s/data/server.sqlite 'SELECT * FROM audit'"):format(t.folder))
  t.check(code == 0 and not dump:find "xoxb" and not dump:find(hook.secret, 1, true), "the audit has a secret")
  hooked.drop(s, hook)
  -- Nobody listens there: the message has no address but the host.
  hook = hooked.make(s, { url = "http://127.0.0.1:1", post = function() end }, "T0/xoxb-secret")
  s:expect(202, "POST", "/v1/hooks/" .. hook.id .. "/test")
  local dead = hooked.delivery(s, "dead")
  t.check(not dead.message:find "xoxb", "the message has a secret: " .. dead.message)
  hooked.drop(s, hook)
end

return function(t)
  local receiver = t.receiver()
  local s = hooked.server(t, "WEIR_HOOK_WAIT_MS=50")
  s.any = s:token("any", "ops-full", "*")
  taken_after_failing(t, s, receiver)
  told_what_was_asked_for(t, s, receiver)
  gone_ends_it(t, s, receiver)
  twelve_attempts(t, s, receiver)
  secrets_stay(t, s, receiver)
  slow_ones_hold_nobody(t, s, receiver)
end
