-- Home over HTTP: read, searched, changed, deleted; links; who may not; whose it is not; closed while a run has it.
-- Usage: lua5.4 server_home_test.lua WEIR
package.path = (arg[0]:match "^(.*)/" or ".") .. "/../support/?.lua;" .. package.path
local server = require "server"
local shell = require "shell"
local json = require "json"
local equal = server.equal

local files = {
  ["syncs/datatypes/town.lua"] = [[
local weir = require "weir"
local city
city = weir.datatype {
  key = { "name", "country" }, name = "text", country = "text", population = "integer", area = "decimal",
  capital = "bool", founded = "time", notes = "json", label = "text",
  derive = { label = function(r) return (r.name or "?") .. "/" .. (r.country or "?") end },
}
return {
  city = city,
  street = weir.datatype { key = { "name" }, name = "text", city = weir.ref "city" },
}
]],
  ["syncs/org/cities.lua"] = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "files", types = { city = { file = "cities.csv", key = "code" } } },
  datatypes = require "town",
  types = { "city" },
  pull = { city = { name = "name", country = "country", population = weir.number "people",
    area = weir.number "area", capital = weir.bool "capital", founded = weir.time "founded" } },
}
]],
  ["syncs/org/streets.lua"] = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "files", types = { street = { file = "streets.csv", key = "code" } } },
  datatypes = require "town",
  types = { "street" },
  pull = { street = { name = "name", city = weir.ref("city", "city") } },
}
]],
  -- Slow on purpose, and alone in home.
  ["syncs/org/alone.lua"] = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "slow", types = { city = { file = "many.csv", key = "code" } } },
  datatypes = require "town",
  types = { "city" },
  exclusive = true,
  pull = { city = function(r)
    local sum = 0
    for i = 1, 20000 do sum = sum + i % 7 end
    return { name = r.code, country = "nowhere", population = sum }
  end },
}
]],
  ["syncs/org/cities.csv"] = "code,name,country,people,area,capital,founded\n" ..
    "RNG,Rampura,India,1200,3.50,no,1950-01-26T00:00:00Z\nBRN,Bern,Switzerland,134794,51.6,yes,1191-01-01T00:00:00Z\n" ..
    "RN2,Rampura,Nepal,,,no,\n",
  ["syncs/org/streets.csv"] = "code,name,city\nS1,Main,BRN\n",
  ["syncs/other/cities.lua"] = false,
}
files["syncs/other/cities.lua"] = files["syncs/org/cities.lua"]
files["syncs/other/cities.csv"] = "code,name,country,people,area,capital,founded\nX,Secret,Elsewhere,1,1,no,\n"

local function names(answer)
  local list = {}
  for i, record in ipairs(answer.json.records) do list[i] = record.fields.name .. "," .. record.fields.country end
  return table.concat(list, " ")
end

local function reads(s)
  local types = s:expect(200, "GET", "/v1/home").json.types
  equal("the types", types[1].name .. " " .. types[2].name, "city street")
  equal("the key", table.concat(types[1].key, " "), "name country")
  local said = {}
  for _, field in ipairs(types[1].fields) do said[field.name] = field.type .. (field.derived and " derived" or "") end
  equal("population", said.population, "integer")
  equal("label", said.label, "text derived")

  equal("all", names(s:expect(200, "GET", "/v1/home/city")), "Rampura,India Bern,Switzerland Rampura,Nepal")
  local first = s:expect(200, "GET", "/v1/home/city?limit=2")
  equal("the first page", names(first), "Rampura,India Bern,Switzerland")
  local rest = s:expect(200, "GET", "/v1/home/city?limit=2&after=" .. first.json.next)
  equal("the second page", names(rest), "Rampura,Nepal")
  equal("the end", rest.json.next, json.null)
  equal("an exact page's end", s:expect(200, "GET", "/v1/home/city?limit=3").json.next, json.null)

  local one = s:expect(200, "GET", "/v1/home/city/2?links=true")
  equal("its name", one.json.fields.name, "Bern")
  equal("its time", one.json.fields.founded, "1191-01-01T00:00:00Z")
  equal("its link", one.json.links[1].external .. "@" .. one.json.links[1].datasource, "BRN@files")
  equal("its tag", one.headers.etag, ('"%d"'):format(one.json.seq))
  equal("no links unasked", s:expect(200, "GET", "/v1/home/city/2").json.links, nil)
end

local function searches(s)
  local function found(query)
    return names(s:expect(200, "GET", "/v1/home/city?" .. query))
  end
  equal("by name", found "name=Rampura", "Rampura,India Rampura,Nepal")
  equal("by two fields, its key", found "name=Rampura&country=Nepal", "Rampura,Nepal")
  equal("by its key, behind it", found "name=Rampura&country=Nepal&after=3", "")
  equal("by its key and another field", found "name=Rampura&country=Nepal&capital=true", "")
  equal("by integer", found "population=134794", "Bern,Switzerland")
  equal("by decimal, as a number", found "area=3.5", "Rampura,India")
  equal("by bool", found "capital=true", "Bern,Switzerland")
  equal("by time", found "founded=1950-01-26T00:00:00Z", "Rampura,India")
  equal("by nothing", found "population=", "Rampura,Nepal")
  equal("in vain", found "name=Nowhere", "")
  equal("by reference", #s:expect(200, "GET", "/v1/home/street?city=2").json.records, 1)

  for _, wrong in ipairs { "population=many", "capital=perhaps", "founded=yesterday", "area=1.2.3" } do
    local answer = s:expect(422, "GET", "/v1/home/city?" .. wrong)
    equal(wrong, answer.json.error.code, "W4001")
  end
  s:expect(422, "GET", "/v1/home/street?city=Bern")
  local unknown = s:expect(400, "GET", "/v1/home/city?nome=Bern").json.error
  assert(unknown.message:find '"nome"' and unknown.message:find "population", unknown.message)
  s:expect(400, "GET", "/v1/home/city?notes=x")
  for _, wrong in ipairs { "limit=0", "limit=1001", "limit=x", "after=-1", "after=99999999999999999999" } do
    s:expect(400, "GET", "/v1/home/city?" .. wrong)
  end
  for _, id in ipairs { "0", "-1", "x", "99", "9223372036854775807", "99999999999999999999", "2x", "%00" } do
    local answer = s:call("GET", "/v1/home/city/" .. id)
    equal("the id " .. id, answer.status, id == "%00" and 400 or 404)
  end
  s:expect(404, "GET", "/v1/home/village")
  s:expect(404, "GET", "/v1/home/weir_link_1/1")
  s:expect(404, "GET", "/v1/home/" .. ("x"):rep(5000))
  s:expect(400, "GET", "/v1/home/city/2?links=perhaps")
end

-- A filter that nothing fits looks at so many and says where to go on.
local function is_bounded(s)
  shell.write(s.folder .. "/insert.sql", [[WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < 1050009)
    INSERT INTO street(id, seq, origin, name) SELECT i, 1000 + i, 'sql', 'street ' || i FROM n;]])
  shell.must(("sqlite3 %s < %s"):format(shell.quote(s.folder .. "/data/org/home.db"), shell.quote(s.folder .. "/insert.sql")))
  local first = s:expect(200, "GET", "/v1/home/street?city=77").json
  equal("nothing yet", #first.records, 0)
  assert(first.next ~= json.null, "it says that it looked at all of them")
  equal("where it goes on", s:expect(200, "GET", "/v1/home/street?city=77&after=" .. first.next).json.next, json.null)
  equal("a page", #s:expect(200, "GET", "/v1/home/street?limit=1000").json.records, 1000)
  shell.must(("sqlite3 %s 'DELETE FROM street WHERE id >= 1000000'"):format(shell.quote(s.folder .. "/data/org/home.db")))
end

local function links(s)
  local by = s:expect(200, "GET", "/v1/links?type=city&datasource=files&external=BRN").json.links
  equal("BRN", by[1].id, 2)
  equal("of any datasource", s:expect(200, "GET", "/v1/links?type=city&external=BRN").json.links[1].datasource, "files")
  equal("of another", #s:expect(200, "GET", "/v1/links?type=city&datasource=office&external=BRN").json.links, 0)
  equal("unknown", #s:expect(200, "GET", "/v1/links?type=city&external=ZZZ").json.links, 0)
  equal("back", s:expect(200, "GET", "/v1/links?type=city&id=2").json.links[1].external, "BRN")
  for _, wrong in ipairs { "type=city", "external=BRN", "type=city&id=2&external=BRN", "type=city&id=x" } do
    s:expect(400, "GET", "/v1/links?" .. wrong)
  end
  s:expect(404, "GET", "/v1/links?type=village&external=BRN")
end

local function edits(s)
  local made = s:expect(201, "POST", "/v1/home/city", { body = '{"name":"Oslo","country":"Norway","area":"480.75"}' })
  equal("what was done", made.json.outcome, "created")
  equal("who did it", made.json.origin, "api:biz")
  local at = "/v1/home/city/" .. made.json.id
  local again = s:expect(200, "POST", "/v1/home/city", { body = '{"name":"Oslo","country":"Norway","area":480.75}' })
  equal("the same again", again.json.outcome .. again.json.id, "unchanged" .. made.json.id)
  local changed = s:expect(200, "POST", "/v1/home/city", { body = '{"name":"Oslo","country":"Norway","population":7}' })
  equal("by its key", changed.json.outcome .. changed.json.id, "updated" .. made.json.id)
  equal("what was not named stays", changed.json.fields.area, 480.75)

  -- The derived field is computed behind it, by a child.
  server.wait("the derived label", function() return s:call("GET", at).json.fields.label == "Oslo/Norway" end)

  local tag = s:expect(200, "GET", at).headers.etag
  local patched = s:expect(200, "PATCH", at, { body = '{"population":8}', headers = { "If-Match: " .. tag } })
  assert(patched.headers.etag ~= tag, "the tag is the old one")
  local late = s:expect(412, "PATCH", at, { body = '{"population":9}', headers = { "If-Match: " .. tag } })
  equal("its code", late.json.error.code, "W5015")
  s:expect(412, "DELETE", at, { headers = { "If-Match: " .. tag } })
  equal("what stands", s:expect(200, "GET", at).json.fields.population, 8)
  for _, wrong in ipairs { "8", 'W/"8"', '"x"', '"0"', '"1", "2"' } do
    s:expect(400, "PATCH", at, { body = '{"population":9}', headers = { "If-Match: " .. wrong } })
  end
  s:expect(400, "POST", "/v1/home/city", { body = '{"name":"Oslo"}', headers = { 'If-Match: "1"' } })
  s:expect(200, "PATCH", at, { body = '{"population":null}', headers = { "If-Match: *" } })
  equal("emptied", s:expect(200, "GET", at).json.fields.population, json.null)

  s:expect(201, "POST", "/v1/home/street", { body = '{"name":"Side","city":["files","city","BRN"]}' })
  equal("a reference by its outside id", s:expect(200, "GET", "/v1/home/street?name=Side").json.records[1].fields.city, 2)
  equal("the same reference again",
    s:expect(201, "POST", "/v1/home/street", { body = '{"name":"Back","city":["files","city","BRN"]}' }).json.fields.city, 2)

  s:expect(204, "DELETE", at)
  s:expect(404, "GET", at)
  s:expect(404, "DELETE", at)
  s:expect(404, "PATCH", at, { body = '{"population":9}' })
  local audit = shell.must(("sqlite3 %s \"SELECT origin, text FROM weir_audit ORDER BY id\""):format(
    shell.quote(s.folder .. "/data/org/home.db")))
  for _, line in ipairs { "create city ", "change city ", "delete city " } do
    assert(audit:find("api:biz|" .. line .. made.json.id, 1, true), "the audit misses: " .. line .. "\n" .. audit)
  end
end

local function wrong_edits(s)
  local db = shell.quote(s.folder .. "/data/org/home.db")
  local before = shell.must("sqlite3 " .. db .. " 'SELECT count(*), max(seq) FROM city; SELECT count(*) FROM weir_linkset'")
  local bodies = {
    { 422, '{"population":"many"}' }, { 422, '{"capital":"perhaps"}' }, { 422, '{"nothing":1}' },
    { 400, '{"id":2,"population":1}' }, { 400, "{}" }, { 400, "" }, { 400, "[1]" }, { 400, '{"name":' },
    { 400, '{"name":"a","name":"b"}' }, { 400, '{"name":"\255"}' }, { 400, ("["):rep(100000) },
    { 413, '{"name":"' .. ("x"):rep(1100000) .. '"}' },
  }
  for _, case in ipairs(bodies) do
    for _, way in ipairs { { "POST", "/v1/home/city" }, { "PATCH", "/v1/home/city/2" } } do
      s:expect(case[1], way[1], way[2], { body = case[2] })
    end
  end
  s:expect(404, "POST", "/v1/home/village", { body = '{"name":"x"}' })
  s:expect(405, "PUT", "/v1/home/city/2", { body = '{"name":"x"}' })
  -- Nobody makes a linkset by naming one.
  s:expect(404, "POST", "/v1/home/street", { body = '{"name":"x","city":["made up","city","1"]}' })
  s:expect(404, "POST", "/v1/home/street", { body = '{"name":"x","city":["files","city","ZZZ"]}' })
  equal("home", shell.must("sqlite3 " .. db .. " 'SELECT count(*), max(seq) FROM city; SELECT count(*) FROM weir_linkset'"),
    before)
end

-- Each change with each role, and with a token of another organisation.
local function roles(s)
  local ways = { { "POST", "/v1/home/city", '{"name":"Role","country":"X"}' }, { "PATCH", "/v1/home/city/2", '{"area":1}' },
    { "DELETE", "/v1/home/city/2" } }
  for _, role in ipairs { "ops-limited", "biz-limited", "datasource" } do
    local token = s:token(role, role, "org")
    for _, way in ipairs(ways) do s:expect(403, way[1], way[2], { token = token, body = way[3] }) end
    local look = role == "datasource" and 403 or 200
    for _, path in ipairs { "/v1/home", "/v1/home/city", "/v1/home/city/2", "/v1/links?type=city&id=2" } do
      s:expect(look, "GET", path, { token = token })
    end
  end
  local other = s:token("other", "biz-full", "other")
  equal("its own", names(s:expect(200, "GET", "/v1/home/city", { token = other })), "Secret,Elsewhere")
  s:expect(404, "GET", "/v1/home/city/2", { token = other })
  s:expect(404, "GET", "/v1/home/city/2?org=org", { token = other })
  s:expect(404, "PATCH", "/v1/home/city/2?org=org", { token = other, body = '{"area":1}' })
  s:expect(404, "GET", "/v1/home/city?org=..%2Forg", { token = other })
  s:expect(401, "GET", "/v1/home/city/2", { token = "weir_" .. ("0"):rep(64) })
  local nobody = s:token("nobody", "biz-full", "nobody")
  local missing = s:expect(404, "GET", "/v1/home/city", { token = nobody })
  assert(not missing.text:find(s.folder, 1, true), "it tells where its files are: " .. missing.text)
end

-- An exclusive run closes home to all of it; a run that was killed closes nothing.
local function closed(s)
  local rows = { "code" }
  for i = 1, 20000 do rows[#rows + 1] = "C" .. i end
  shell.write(s.folder .. "/syncs/org/many.csv", table.concat(rows, "\n") .. "\n")
  shell.must(("cd %s && { %s run syncs/org/alone.lua >alone.out 2>&1 & echo $! >alone.pid; }"):format(shell.quote(s.folder),
    shell.quote(s.program)))
  local pid = shell.read(s.folder .. "/alone.pid"):match "%d+"
  server.wait("a closed home", function() return s:call("GET", "/v1/home/city/2").status == 503 end)
  shell.must("kill -STOP " .. pid)
  for _, way in ipairs { { "GET", "/v1/home" }, { "GET", "/v1/home/city" }, { "POST", "/v1/home/city", '{"name":"x"}' },
    { "PATCH", "/v1/home/city/2", '{"area":1}' }, { "DELETE", "/v1/home/city/2" }, { "GET", "/v1/links?type=city&id=2" },
    { "GET", "/v1/dead" }, { "GET", "/v1/conflicts" }, { "GET", "/v1/deletes" }, { "DELETE", "/v1/dead/1" },
    { "POST", "/v1/dead/retry", '{"sync":"cities"}' } } do
    local answer = s:expect(503, way[1], way[2], { body = way[3] })
    equal("its code", answer.json.error.code, "W5012")
    assert(answer.headers["retry-after"], "it doesn't say when to come back")
  end
  shell.must("kill -KILL " .. pid)
  server.wait("an open home", function() return s:call("GET", "/v1/home/city/2").status == 200 end)
end

server.test(arg[1], files, function(s)
  for _, sync in ipairs { "org/cities", "org/streets", "other/cities" } do
    local code, text = s:weir("run syncs/" .. sync .. ".lua")
    equal(sync .. "\n" .. text, code, 0)
  end
  s.default_token = s:token("biz", "biz-full", "org")
  s:start()
  reads(s)
  searches(s)
  is_bounded(s)
  links(s)
  edits(s)
  wrong_edits(s)
  roles(s)
  closed(s)
  s:stop()
end)
