-- What /openapi.json says, held against what the server does, by tools that were not written for it: Redocly's linter
-- reads the document, and its contract tester makes a call of every operation and compares status, media type and every
-- member of the answer, none missing and none more. promtool reads /metrics.
local server = require "server"
local json = require "json"
local shell = require "shell"

-- Debian 12 has node 18, where everything else here runs.
if tonumber(shell.must "node -p 'process.versions.node.split(`.`)[0]'") < 20 then
  print "skipped: Redocly needs node 20 or newer"
  os.exit(77)
end

local CITIES = [[
local weir = require "weir"
return weir.sync {
  template = true,
  params = { file = weir.param.file { help = "The cities." } },
  datasource = weir.csv { name = "files", file = weir.param "file", types = { city = { key = "code" } } },
  datatypes = { city = weir.datatype { key = "code", code = "text", name = "text", people = "integer" } },
  types = { "city" },
  pull = { city = { code = "code", name = "name", people = weir.number "people" } },
}
]]

-- The same of a file of its own: what is posted to a sync can't name a parameter.
local POSTED = CITIES:gsub("template = true,.-datasource", "datasource"):gsub('weir.param "file"', '"posted.csv"')

local steps = json.array {}

-- A call: the operation and the status that it is answered with. `with` has path, query, header, body, type, and take:
-- what later steps use as $steps.NAME.outputs.OUTPUT. Without `open` it asks for the organisation.
local function step(operation, status, with)
  with = with or {}
  local parameters = json.array {}
  for _, place in ipairs { "path", "query", "header" } do
    for name, value in pairs(with[place] or {}) do
      parameters[#parameters + 1] = { ["in"] = place, name = name, value = value }
    end
  end
  if not with.open then parameters[#parameters + 1] = { ["in"] = "query", name = "org", value = "org" } end
  if not (with.header or {}).Authorization then
    parameters[#parameters + 1] = { ["in"] = "header", name = "Authorization", value = "Bearer {$inputs.token}" }
  end
  local conditions = json.array {}
  for one in tostring(status):gmatch "%d+" do conditions[#conditions + 1] = "$statusCode == " .. one end
  steps[#steps + 1] = {
    stepId = with.name or ("%s-%d"):format(operation, #steps + 1),
    operationId = operation,
    parameters = parameters,
    requestBody = with.body and { contentType = with.type or "application/json", payload = with.body } or nil,
    successCriteria = json.array { { condition = table.concat(conditions, " || ") } },
    outputs = with.take,
  }
end

local function the_server()
  for _, operation in ipairs { "health", "ready", "version", "openapi", "metrics" } do step(operation, 200, { open = true }) end
  step("createToken", 201, { name = "token", body = { name = "x", role = "datasource", org = "org", sync = "cities" },
    take = { id = "$response.body#/id", text = "$response.body#/token" } })
  step("listTokens", 200)
  step("listRuns", 403, { open = true, header = { Authorization = "Bearer {$steps.token.outputs.text}" } })
  step("revokeToken", 204, { path = { id = "$steps.token.outputs.id" } })
  step("listRuns", 401, { open = true, header = { Authorization = "Bearer {$steps.token.outputs.text}" } })
  step("listRuns", 400, { query = { limit = "0" } })
  step("listRuns", 400, { open = true })
  step("listAudit", 200)
end

local function files()
  step("uploadFile", 201, { name = "file", query = { name = "cities.csv" }, type = "application/octet-stream",
    body = "code,name,people\nBRN,Bern,134\nTMS,Tromsø,many\nRAG,Riga,lots\n", take = { id = "$response.body#/id" } })
  step("beginUpload", 201, { name = "pieces", body = { name = "more.csv", size = 10 }, take = { id = "$response.body#/id" } })
  local id = { id = "$steps.pieces.outputs.id" }
  step("uploadPiece", 200, { path = id, query = { offset = "0" }, type = "application/octet-stream", body = "code,name\n" })
  step("finishUpload", 201, { path = id, body = {} })
  step("showUpload", 200, { path = id })
  step("listUploads", 200)
  step("previewUpload", 200, { path = id, query = { rows = "5" } })
  step("deleteUpload", 204, { path = id })
  step("showUpload", 404, { path = id })
end

local function syncs()
  local id = { id = "cities" }
  step("listSyncs", 200)
  step("listTemplates", 200)
  step("showSync", 200, { path = id })
  step("createSync", 201, { body = { name = "made", template = "cities", every = "1d" } })
  step("createSync", 409, { body = { name = "made", template = "cities", every = "1d" } })
  step("pauseSync", 200, { path = { id = "made" } })
  step("resumeSync", 200, { path = { id = "made" } })
  step("removeSync", 204, { path = { id = "made" } })
  step("runSync", 422, { path = id, body = { params = { nothing = "x" } } })
  step("runSync", 202, { name = "run", path = id, body = { params = { file = "$steps.file.outputs.id" } },
    take = { id = "$response.body#/run/id" } })
  local run = { id = "$steps.run.outputs.id" }
  step("showRun", 200, { path = run, query = { wait = "60" } })
  step("showSync", 200, { path = id })
  step("runLog", 200, { path = run })
  step("runEvents", 200, { path = run })
  step("listRuns", 200, { query = { sync = "cities", state = "ended" } })
  step("syncStatus", 200, { path = id, query = { file = "$steps.file.outputs.id" } })
  step("retryRun", 202, { name = "again", path = run, take = { id = "$response.body#/run/id" } })
  -- Whether it has ended by then is not known.
  step("cancelRun", "202 409", { path = { id = "$steps.again.outputs.id" } })
  step("resumeRun", "202 409", { path = { id = "$steps.again.outputs.id" } })
  step("showRun", 200, { path = { id = "$steps.again.outputs.id" }, query = { wait = "60" } })
  step("triggerSync", 202, { name = "old", path = id, body = { params = { file = "$steps.file.outputs.id" } },
    take = { id = "$response.body#/run/id" } })
  step("showRun", 200, { path = { id = "$steps.old.outputs.id" }, query = { wait = "60" } })
end

local function records()
  local sync = { id = "posted", type = "city" }
  step("postRecords", 202, { path = sync, query = { wait = "20" }, header = { ["Idempotency-Key"] = "one" },
    body = json.array { { code = "OSL", name = "Oslo", people = 7 }, { code = "HEL", people = "none" } } })
  step("listReceipts", 200, { path = { id = "posted" }, query = { batch = "one" } })
  step("takeRecords", 200, { path = sync, query = { limit = "2" } })
  step("listTypes", 200)
  step("listRecords", 200, { path = { type = "city" }, query = { limit = "2" } })
  step("putRecord", 201, { name = "record", path = { type = "city" }, body = { code = "ADL", name = "Adelaide" },
    take = { id = "$response.body#/id" } })
  step("putRecord", 200, { path = { type = "city" }, body = { code = "ADL", people = 5 } })
  local record = { type = "city", id = "$steps.record.outputs.id" }
  step("showRecord", 200, { path = { type = "city", id = "1" }, query = { links = "true" } })
  step("changeRecord", 200, { path = record, body = { name = "Adelaïde" } })
  step("changeRecord", 412, { path = record, body = { name = "x" }, header = { ["If-Match"] = '"99999"' } })
  step("deleteRecord", 204, { path = record })
  step("showRecord", 404, { path = record })
  step("listRecords", 200, { path = { type = "city" }, query = { name = "Oslo" } })
  step("findLinks", 200, { query = { type = "city", external = "BRN" } })
  step("findLinks", 200, { query = { type = "city", id = "1" } })
end

local function letters()
  step("listDead", 200, { name = "dead", query = { limit = "2" }, take = { id = "$response.body#/dead/0/id", other = "$response.body#/dead/1/id" } })
  step("deadCsv", 200)
  local dead = { id = "$steps.dead.outputs.id" }
  step("showDead", 200, { path = dead })
  step("retryOneDead", 202, { name = "retried", path = dead, body = {}, take = { id = "$response.body#/run/id" } })
  step("showRun", 200, { path = { id = "$steps.retried.outputs.id" }, query = { wait = "60" } })
  step("dropDead", 204, { path = { id = "$steps.dead.outputs.other" } })
  step("retryDead", "202 409", { body = { sync = "cities", params = { file = "$steps.file.outputs.id" } } })
  step("listConflicts", 200)
  step("listDeletes", 200)
  -- There are none: tests/e2e has them.
  for _, operation in ipairs { "showConflict", "dropConflict", "approveDeletes", "dropDeletes" } do
    step(operation, 404, { path = { id = "1" } })
  end
end

local function hooks(receiver)
  step("createHook", 201, { name = "hook", body = { url = receiver.url .. "/hook/story", events = json.array { "done" } },
    take = { id = "$response.body#/id" } })
  step("createHook", 422, { body = { url = "ftp://example.org" } })
  step("listHooks", 200)
  step("testHook", 202, { name = "test", path = { id = "$steps.hook.outputs.id" }, take = { id = "$response.body#/delivery" } })
  step("listDeliveries", 200)
  step("retryDelivery", "202 404", { path = { id = "$steps.test.outputs.id" } })
  step("removeHook", 204, { path = { id = "$steps.hook.outputs.id" } })
end

-- Nothing that the document has is left out.
local function all_called(t, document)
  local called = {}
  for _, one in ipairs(steps) do called[one.operationId] = true end
  for path, operations in pairs(document.paths) do
    for method, operation in pairs(operations) do
      t.check(called[operation.operationId], "%s %s (%s) is not called here", method, path, operation.operationId)
    end
  end
end

local function redocly(t, words)
  local line = ("cd %s && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1 node %s/node_modules/@redocly/cli/bin/cli.js %s")
    :format(t.root, arg[2]:match "^/" and arg[2] or t.shell.must("pwd"):match "[^\n]+" .. "/" .. arg[2], words)
  local code, text = t.shell.run(line)
  if code ~= 0 then t.fail("redocly %s ended with %d:\n%s", words, code, text) end
  return text
end

return function(t)
  local receiver = t.receiver()
  t.write("syncs/org/cities.lua", CITIES)
  t.write("syncs/org/posted.lua", POSTED)
  local s = t.weir_server "WEIR_HOOK_WAIT_MS=50"
  local token = s:token("any", "ops-full", "*")
  server.wait("the syncs", function() return #s:expect(200, "GET", "/v1/syncs").json.syncs == 2 end)
  local text = s:expect(200, "GET", "/openapi.json").text
  t.shell.write(t.root .. "/openapi.json", text)
  redocly(t, "lint --extends=recommended-strict openapi.json")

  the_server()
  files()
  syncs()
  records()
  letters()
  hooks(receiver)
  all_called(t, json.decode(text))
  t.shell.write(t.root .. "/story.json", json.encode {
    arazzo = "1.0.1",
    info = { title = "Every operation", version = "1.0.0" },
    sourceDescriptions = json.array { { name = "weir", type = "openapi", url = "openapi.json" } },
    workflows = json.array { { workflowId = "all", inputs = { type = "object", properties = { token = { type = "string" } } },
      steps = steps } },
  })
  local said = redocly(t, ("respect story.json -S weir=%s -i token=%s"):format(s.url, token))
  local count = tonumber(said:match "Steps: (%d+) passed")
  t.equal(count, #steps, "the steps that passed")
  t.told = ("%d calls"):format(count)

  t.shell.write(t.root .. "/metrics", s:expect(200, "GET", "/metrics", { token = token }).text)
  local code, complaint = t.shell.run(("promtool check metrics <%s/metrics"):format(t.root))
  t.check(code == 0 and complaint == "", "promtool says:\n%s", complaint)
  s:expect(403, "GET", "/metrics")
end
