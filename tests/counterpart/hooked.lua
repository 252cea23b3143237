-- What the tests of webhooks share: a server with two syncs, one of which fails, and hooks to the receiver.
local json = require "json"
local weir_server = require "server"
local hooked = {}

local SYNC = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "files", types = { city = { file = "%s.csv", key = "code" } } },
  datatypes = { city = weir.datatype { key = "code", code = "text", name = "text" } },
  types = { "city" },
  pull = { city = { code = "code", name = "name" } },
}
]]

-- `environment`: for the server; WEIR_HOOK_WAIT_MS is how long an attempt waits for the next one.
function hooked.server(t, environment)
  t.write("syncs/org/good.lua", SYNC:format "good")
  t.write("syncs/org/good.csv", "code,name\nBRN,Bern\nTMS,Tromsø\n")
  t.write("syncs/org/bad.lua", SYNC:format "<missing>")
  local s = t.weir_server(environment)
  weir_server.wait("the syncs", function()
    return #s:expect(200, "GET", "/v1/syncs").json.syncs == 2
  end)
  return s
end

function hooked.make(s, receiver, name, answers, more, path)
  local body = { url = ("%s/hook/%s%s"):format(receiver.url, name, path or "") }
  for key, value in pairs(more or {}) do body[key] = type(value) == "table" and json.array(value) or value end
  local hook = s:expect(201, "POST", "/v1/hooks", { body = json.encode(body) }).json
  receiver.post("/__set", { [name] = { secret = hook.secret, answers = json.array(answers or {}) } })
  hook.name = name
  return hook
end

function hooked.drop(s, hook) s:expect(204, "DELETE", "/v1/hooks/" .. hook.id) end

-- One run, to its end.
function hooked.run(s, sync)
  local id = s:expect(202, "POST", "/v1/syncs/" .. sync .. "/run").json.run.id
  local run = s:expect(200, "GET", ("/v1/runs/%d?wait=60"):format(id)).json
  if run.state ~= "ended" then error("a run doesn't end", 2) end
  return run
end

-- What came to a hook, in its order.
function hooked.log(receiver, name)
  local lines = {}
  for _, one in ipairs(receiver.get "/__log") do
    if one.name == name then lines[#lines + 1] = one end
  end
  return lines
end

-- Waits until so many came.
function hooked.arrived(t, receiver, wanted)
  local lines
  local came = pcall(weir_server.wait, "", function()
    lines = hooked.log(receiver, wanted.name)
    return #lines >= wanted.count
  end)
  if not came then t.fail("%s was told %d times and not %d:\n%s", wanted.name, #lines, wanted.count, json.encode(json.array(lines))) end
  return lines
end

-- Waits for the newest delivery to be in that state.
function hooked.delivery(s, state)
  return weir_server.wait("a delivery that is " .. state, function()
    return s:expect(200, "GET", "/v1/deliveries?state=" .. state).json.deliveries[1]
  end)
end

return hooked
