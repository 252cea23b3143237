-- Runs one test of weir against a real server: lua5.4 tests/counterpart/harness.lua WEIR PACKAGES tests/counterpart/NAME.lua
--
-- PACKAGES is where scripts/counterparts.sh put the servers. The file gives a function of `t`, which
--
--   starts servers        t.faulty(), t.ggmn(), t.loopback(), t.json_server(), … (servers.lua); they end with the test
--   writes the scripts    t.script("two_way", text): syncs/org/two_way.lua, {{name}} replaced from t.names
--   runs weir             t.run "two_way", t.put("reading", { … }), t.weir "conflicts org"
--   looks and compares    t.home "reading", t.equal(a, b, what), t.quiet "two_way", t.both_equal { … }
local here = arg[0]:match("^(.*)/")
package.path = here .. "/?.lua;" .. here .. "/../support/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local json = require "json"
local servers = require "servers"
local scripts = require "scripts"

local path = arg[3]
local t = { name = path:match("([^/]*)%.lua$"), root = shell.folder(), org = "org", names = {}, json = json, shell = shell }
t.folder = t.root .. "/work"
t.program = shell.must("realpath " .. shell.quote(arg[1])):match("[^\n]+")
servers.packages = arg[2]
shell.must("mkdir -p " .. t.folder .. "/data")
-- Every server here is at a private address, which weir doesn't talk to unless it is told so.
shell.write(t.folder .. "/data/settings", "allow_private = 127.0.0.1\n")

function t.fail(...) error(select("#", ...) > 1 and string.format(...) or ..., 0) end

function t.check(right, ...)
  if not right then t.fail(...) end
  return right
end

function t.equal(actual, expected, what)
  local a, b = json.encode(actual), json.encode(expected)
  if a ~= b then t.fail("%s is\n  %s\nand not\n  %s", what or "this", a, b) end
end

for name, start in pairs(servers.kinds) do
  t[name] = function(...) return start(t, ...) end
end

function t.write(name, text) shell.write(t.folder .. "/" .. name, text) end

function t.fill(text)
  return (text:gsub("{{([%w_]+)}}", function(name) return t.names[name] or t.fail("there is no name " .. name) end))
end

function t.script(name, text) t.write(("syncs/%s/%s.lua"):format(t.org, name), t.fill(text)) end

-- The tree's own syncs, and the organisation whose they are.
function t.own_syncs(org)
  shell.must(("cp -a %s/../../syncs %s/"):format(here, t.folder))
  t.org = org
end

-- The shared sync of wells, some wells at the datasource, and whether both sides hold the same.
function t.wells(options) scripts.wells(t, options) end
t.seed = scripts.seed
function t.wells_equal(server) t.both_equal("wells", t.home "well", server.data "well", scripts.fields) end

function t.secret(name, text)
  local file = ("data/secrets/%s/%s"):format(t.org, name)
  t.write(file, text)
  shell.must(("chmod 600 %s/%s"):format(t.folder, file))
end

function t.mywell(...) scripts.mywell(t, ...) end
t.mywell_seed = scripts.mywell_seed

-- Home and LegacyMyWell hold the same: every reading at its resource, and no resource twice.
function t.mywell_equal(server)
  t.both_equal("villages", t.home "village", server.api("GET", "/villages"), { "postcode", { "number", "id" }, "name" })
  local ours, there = t.home "resource", server.api("GET", "/resources")
  for _, one in ipairs(there) do one.lat, one.lng = one.geo.lat, one.geo.lng end
  t.both_equal("resources", ours, there, { "postcode", { "number", "id" }, "owner", { "kind", "type" }, "lat", "lng" })
  local numbers = {}
  for _, one in ipairs(ours) do numbers[one.id] = one.number end
  local readings = t.home "reading"
  for _, one in ipairs(readings) do
    one.resource, one.datetime = numbers[one.resource], one.datetime:gsub("%.0+Z$", "Z"):gsub("%.000000Z$", "Z")
    one.value = ("%.2f"):format(one.value)
  end
  local theirs = server.api("GET", "/readings")
  for _, one in ipairs(theirs) do one.date, one.value = one.date:gsub("%.0+Z$", "Z"), ("%.2f"):format(one.value) end
  t.both_equal("readings", readings, theirs, { { "resource", "resourceId" }, { "datetime", "date" }, "value" })
end

-- weir with some words. Gives its exit code and what it said. A signal that nobody sent is a failure of any test.
function t.weir(words, input, environment)
  if input then shell.write(t.root .. "/input", input) end
  local code, text = shell.run(("cd %s && %s exec %s %s --data data <%s"):format(t.folder, environment or "", t.program, words,
    input and t.root .. "/input" or "/dev/null"))
  if code > 127 and not environment then t.fail("weir %s ended by signal %d: %s", words, code - 128, text) end
  return code, text
end

-- One run of a sync. Gives { code, text, status, read, created, … }.
function t.run(name, words, environment)
  local code, text = t.weir(("run syncs/%s/%s.lua %s --json --quiet"):format(t.org, name, words or ""), nil, environment)
  local summary = shell.summary(text) or {}
  summary.code, summary.text = code, text
  return summary
end

-- One that must be done, with these counts.
function t.done(name, counts, words)
  local summary = t.run(name, words)
  if summary.code ~= 0 or summary.status ~= "done" then
    t.fail("%s ended with %d, %s:\n%s", name, summary.code, summary.status, summary.text)
  end
  for count, expected in pairs(counts or {}) do
    if summary[count] ~= expected then t.fail("%s is %s and not %s:\n%s", count, summary[count], expected, summary.text) end
  end
  return summary
end

-- Home is edited as people do it: a record, or several.
function t.put(datatype, record)
  local lines = {}
  for _, one in ipairs(#record > 0 and record or { record }) do lines[#lines + 1] = json.encode(one) end
  local code, text = t.weir(("put %s %s"):format(t.org, datatype), table.concat(lines, "\n") .. "\n")
  if code ~= 0 then t.fail("put ended with %d: %s", code, text) end
end

function t.delete(datatype, id)
  local code, text = t.weir(("delete %s %s %s"):format(t.org, datatype, id))
  if code ~= 0 then t.fail("delete ended with %d: %s", code, text) end
end

-- Home's records of a type, in the order of their ids.
function t.home(datatype)
  local code, text = t.weir(("get %s %s --json"):format(t.org, datatype))
  if code ~= 0 then t.fail("get ended with %d: %s", code, text) end
  local records = json.array {}
  for line in text:gmatch("[^\n]+") do records[#records + 1] = json.decode(line) end
  table.sort(records, function(a, b) return a.id < b.id end)
  return records
end

-- The one of home's records with this value in that field.
function t.home_one(datatype, field, value)
  local found
  for _, record in ipairs(t.home(datatype)) do
    if record[field] == value then
      if found then t.fail("two of home's %s have %s = %s", datatype, field, value) end
      found = record
    end
  end
  return found or t.fail("none of home's %s has %s = %s", datatype, field, value)
end

local function db() return ("%s/data/%s/home.db"):format(t.folder, t.org) end
function t.rows(sql) return home.queries(db(), { sql })[1] end
function t.home_rows(queries) return home.queries(db(), queries) end
function t.raw() return home.raw(db()) end
function t.dead() return t.rows "SELECT type, external, code, reason FROM weir_dead ORDER BY type, external" end

-- Some fields of some records as lines that can be compared, in order.
function t.lines(records, fields)
  local lines = json.array {}
  for _, record in ipairs(records) do
    local cells = {}
    for i, field in ipairs(fields) do cells[i] = record[field] == nil and "null" or tostring(record[field]) end
    lines[#lines + 1] = table.concat(cells, " | ")
  end
  table.sort(lines)
  return lines
end

-- Both sides hold the same records, as far as these fields go: pairs of home's name and the datasource's.
function t.both_equal(what, ours, theirs, fields)
  local left, right = {}, {}
  for i, pair in ipairs(fields) do
    left[i], right[i] = type(pair) == "table" and pair[1] or pair, type(pair) == "table" and pair[2] or pair
  end
  t.equal(t.lines(ours, left), t.lines(theirs, right), what .. ": home")
end

-- A run without news writes nothing, here or there: `count` tells how many writes the datasource has seen. The first one
-- may still note how far it has read, since it meets again what the run before it has written there.
function t.quiet(name, count, words)
  local writes = count and count()
  t.done(name, { created = 0, updated = 0, deleted = 0 }, words)
  local before = t.raw()
  local summary = t.done(name, { created = 0, updated = 0, deleted = 0 }, words)
  local after = t.raw()
  if after ~= before then
    shell.write(t.root .. "/before", before .. "\n")
    shell.write(t.root .. "/after", after .. "\n")
    local _, difference = shell.run(("diff -u %s/before %s/after"):format(t.root, t.root))
    t.fail("a run without news changes home:\n%s\n%s", difference, summary.text)
  end
  if count and count() ~= writes then t.fail("a run without news writes %d times to the datasource", count() - writes) end
end

-- The run killed at every point that it passes. Each time everything is as `before` makes it again, the run is killed,
-- and `after` looks at what is left and goes on. Gives how many points there are.
function t.killed_everywhere(name, before, after)
  shell.must(("cp -a %s %s/kept"):format(t.folder, t.root))
  local n = 0
  while true do
    n = n + 1
    shell.must(("rm -rf %s && cp -a %s/kept %s"):format(t.folder, t.root, t.folder))
    before()
    local summary = t.run(name, "", "WEIR_PAGE=3 WEIR_FAULT=kill:" .. n)
    if summary.code ~= 128 + 9 then
      if summary.code ~= 0 then t.fail("not killed at point %d, it ends with %d: %s", n, summary.code, summary.text) end
      break
    end
    local right, message = pcall(after, n)
    if not right then t.fail("killed at point %d: %s", n, message) end
    if n > 2000 then t.fail "there is no end of points" end
  end
  if n < 10 then t.fail("it passes %d points: is this a build with faults?", n) end
  return n - 1
end

local right, message = xpcall(function() assert(loadfile(path))()(t) end, function(problem)
  return type(problem) == "string" and problem:find("^[^\n]*%.lua:%d+:") and debug.traceback(problem, 2) or problem
end)
local words = servers.stop_all()
if not right then
  io.stderr:write(t.name, ": ", tostring(message), "\n", words, "its files are kept in ", t.root, "\n")
  os.exit(1)
end
shell.must("rm -rf " .. t.root)
print(t.name .. ": done" .. (t.told and ", " .. t.told or ""))
