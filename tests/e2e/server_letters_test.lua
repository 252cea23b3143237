-- What waits for a person, over HTTP: dead letters shown, tried again, dropped, as CSV; conflicts; held deletes.
-- Usage: WEIR_COUNTY=weir_county lua5.4 server_letters_test.lua WEIR
package.path = (arg[0]:match "^(.*)/" or ".") .. "/../support/?.lua;" .. package.path
local server = require "server"
local shell = require "shell"
local json = require "json"
local equal = server.equal

local files = {
  ["syncs/datatypes/town.lua"] = [[
local weir = require "weir"
return { city = weir.datatype { key = "name", name = "text", population = "integer" } }
]],
  ["syncs/org/cities.lua"] = [[
local weir = require "weir"
return weir.sync {
  params = { who = weir.param.text {} },
  datasource = weir.csv { name = "files", types = { city = { file = "cities.csv", key = "code" } } },
  datatypes = require "town",
  types = { "city" },
  pull = { city = { name = "name", population = weir.number "people" } },
}
]],
  ["syncs/org/whole.lua"] = [[
local weir = require "weir"
return weir.sync {
  params = { base = weir.param.text {} },
  datasource = weir.http { name = "whole", base = weir.param "base", types = { city = { path = "/", key = "code" } } },
  datatypes = require "town",
  types = { "city" },
  deletes = { at_most = 1 },
  pull = { city = { name = "name", population = weir.number "people" } },
}
]],
  ["data/settings"] = "allow_private = 127.0.0.1\n",
  ["syncs/org/cities.csv"] = "code,name,people\nBRN,Bern,many\nRAG\nTMS,Tromsø,64448\nJDH,=cmd(),few\nADL,Adelaide,2\n",
}

local function query(s, sql)
  return (shell.must(("sqlite3 %s %s"):format(shell.quote(s.folder .. "/data/org/home.db"), shell.quote(sql))):gsub("%s+$", ""))
end

-- Until a run has ended; gives how.
local function ended(s, id)
  local run = s:expect(200, "GET", "/v1/runs/" .. id .. "?wait=60").json
  equal("its state", run.state, "ended")
  return run
end

local function dead_seen(s)
  local list = s:expect(200, "GET", "/v1/dead").json
  equal("how many", #list.dead, 3)
  equal("no more", list.next, json.null)
  local first = s:expect(200, "GET", "/v1/dead?limit=2").json
  equal("a page", #first.dead, 2)
  equal("the next", #s:expect(200, "GET", "/v1/dead?limit=2&after=" .. first.next).json.dead, 1)
  equal("of the sync", #s:expect(200, "GET", "/v1/dead?sync=cities").json.dead, 3)
  equal("of another", #s:expect(200, "GET", "/v1/dead?sync=whole").json.dead, 0)
  equal("no payload in a list", list.dead[1].payload, nil)
  local ids = {}
  for _, letter in ipairs(list.dead) do ids[letter.external] = letter.id end
  local one = s:expect(200, "GET", "/v1/dead/" .. ids.BRN).json
  equal("why", one.code, "W4007")
  equal("its sync", one.sync, "cities")
  equal("as it came", one.payload.people, "many")
  for external, id in pairs(ids) do -- what was no record has a print for its id
    if external:sub(1, 1) == "#" then equal("the raw row", s:expect(200, "GET", "/v1/dead/" .. id).json.payload, "RAG") end
  end
  for _, id in ipairs { "0", "x", "999", "99999999999999999999" } do s:expect(404, "GET", "/v1/dead/" .. id) end
  for _, wrong in ipairs { "limit=0", "limit=1001", "after=x" } do s:expect(400, "GET", "/v1/dead?" .. wrong) end

  local csv = s:expect(200, "GET", "/v1/dead.csv?sync=cities")
  equal("its kind", csv.headers["content-type"], "text/csv; charset=utf-8")
  assert(csv.text:find("^code,name,people,weir_code,weir_reason,weir_place,weir_raw\n"), csv.text)
  assert(csv.text:find("\nBRN,Bern,many,W4007,", 1, true), csv.text)
  assert(csv.text:find(",'=cmd(),", 1, true), "a formula is a formula: " .. csv.text)
  equal("of another", s:expect(200, "GET", "/v1/dead.csv?sync=whole").text,
    "weir_code,weir_reason,weir_place,weir_raw\n")
  return ids
end

local function dead_tried(s, ids)
  for _, case in ipairs { { 400, "{}" }, { 400, '{"sync":"cities","ids":[]}' }, { 400, '{"sync":"cities","ids":["1"]}' },
    { 400, '{"sync":"cities","ids":[0]}' }, { 400, '{"sync":"cities","nothing":1}' }, { 400, '{"sync":7}' },
    { 400, '{"sync":"cities","ids":[' .. ("1,"):rep(100) .. '1]}' }, { 404, '{"sync":"cities","ids":[999]}' },
    { 404, '{"sync":"whole","ids":[' .. ids.BRN .. "]}" }, { 404, '{"sync":"nothing"}' },
    { 422, '{"sync":"cities","params":{"other":"x"}}' }, { 400, '{"sync":"cities","params":[]}' } } do
    s:expect(case[1], "POST", "/v1/dead/retry", { body = case[2] })
  end
  s:expect(404, "POST", "/v1/dead/999/retry")
  s:expect(400, "POST", "/v1/dead/" .. ids.BRN .. "/retry", { body = '{"sync":"cities"}' })
  equal("no run was asked for", #s:expect(200, "GET", "/v1/runs").json.runs, 0)

  -- Before it is mended, it stays; the parameters are those of the run that it came from.
  local run = s:expect(202, "POST", "/v1/dead/" .. ids.BRN .. "/retry").json.run
  equal("its method", run.method, "retry")
  equal("its parameters", run.params.who, "me")
  ended(s, run.id)
  equal("tries", s:expect(200, "GET", "/v1/dead/" .. ids.BRN).json.attempts, 2)

  -- Mended in the script.
  local script = files["syncs/org/cities.lua"]:gsub('population = weir.number "people"',
    'population = function(r) return tonumber(r.people) end')
  shell.write(s.folder .. "/syncs/org/cities.lua", script)
  local one = server.wait("the mended script's retry", function()
    local id = s:expect(202, "POST", "/v1/dead/retry", { body = '{"sync":"cities","ids":[' .. ids.BRN .. "]}" }).json.run.id
    ended(s, id)
    return s:call("GET", "/v1/dead/" .. ids.BRN).status == 404 and id
  end)
  assert(one)
  equal("Bern is in", #s:expect(200, "GET", "/v1/home/city?name=Bern").json.records, 1)
  -- All of them: the formula goes in, the ragged row stays.
  ended(s, s:expect(202, "POST", "/v1/dead/retry", { body = '{"sync":"cities","params":{"who":"you"}}' }).json.run.id)
  equal("what is left", #s:expect(200, "GET", "/v1/dead").json.dead, 1)
  local asked = s:expect(200, "GET", "/v1/audit", { token = s.ops }).text
  assert(asked:find '"who":"biz"' and asked:find "org/cities", asked)
end

local function dead_dropped(s)
  local left = s:expect(200, "GET", "/v1/dead").json.dead[1].id
  s:expect(404, "DELETE", "/v1/dead/" .. left + 100)
  s:expect(204, "DELETE", "/v1/dead/" .. left)
  s:expect(404, "DELETE", "/v1/dead/" .. left)
  equal("none is left", #s:expect(200, "GET", "/v1/dead").json.dead, 0)
  equal("its audit", query(s, "SELECT origin || ': ' || text FROM weir_audit ORDER BY id DESC LIMIT 1"),
    "api:biz: dropped 1 dead letters: " .. left)
end

local function conflicts(s)
  local list = s:expect(200, "GET", "/v1/conflicts").json.conflicts
  equal("how many", #list, 1)
  equal("whose", list[1].external .. " " .. list[1].kind, "D repeat")
  equal("what lost", s:expect(200, "GET", "/v1/conflicts/" .. list[1].id).json.lost.name, "Daa")
  equal("of the type", #s:expect(200, "GET", "/v1/conflicts?type=city").json.conflicts, 1)
  equal("of another", #s:expect(200, "GET", "/v1/conflicts?type=town").json.conflicts, 0)
  s:expect(404, "GET", "/v1/conflicts/" .. list[1].id + 1)
  s:expect(404, "DELETE", "/v1/conflicts/" .. list[1].id + 1)
  s:expect(204, "DELETE", "/v1/conflicts/" .. list[1].id)
  s:expect(404, "GET", "/v1/conflicts/" .. list[1].id)
  equal("its audit", query(s, "SELECT origin || ': ' || text FROM weir_audit ORDER BY id DESC LIMIT 1"),
    "api:biz: dropped conflict " .. list[1].id)
end

-- The other side: gives every request the answer that it was told to give.
local function parrot_start(s)
  shell.must(("cd %s && mkfifo asked answered && { { %s <asked >answered; } >/dev/null 2>&1 & }"):format(shell.quote(s.folder),
    shell.quote(assert(os.getenv "WEIR_COUNTY", "WEIR_COUNTY says where weir_county is"))))
  s.asked = assert(io.open(s.folder .. "/asked", "w"))
  s.answered = assert(io.open(s.folder .. "/answered", "r"))
  s.parrot = s.answered:read("l"):match "%S+$"
end

local function parrot_say(s, rows)
  s.asked:write("answer 200 Content-Type application/json ", rows, "\n")
  s.asked:flush()
  equal("the parrot", s.answered:read "l", "ok")
end

local function run_whole(s)
  return s:weir("run syncs/org/whole.lua --param base=" .. s.parrot)
end

-- A run that would nearly empty home waits.
local function deletes(s)
  parrot_say(s, '[{"code":"A","name":"Aba"}]')
  equal("held", (run_whole(s)), 6)
  local held = s:expect(200, "GET", "/v1/deletes").json.deletes
  equal("how many", #held, 3)
  equal("where", held[1].deletes_in, "home")
  equal("a page", #s:expect(200, "GET", "/v1/deletes?limit=2").json.deletes, 2)
  s:expect(404, "POST", "/v1/deletes/999/approve")
  s:expect(404, "DELETE", "/v1/deletes/999")
  equal("dropped", s:expect(200, "DELETE", "/v1/deletes/" .. held[1].home_run).json.dropped, 3)
  equal("none waits", #s:expect(200, "GET", "/v1/deletes").json.deletes, 0)
  equal("held again", (run_whole(s)), 6)
  held = s:expect(200, "GET", "/v1/deletes").json.deletes
  equal("how many again", #held, 3)
  equal("approved", s:expect(200, "POST", "/v1/deletes/" .. held[1].home_run .. "/approve").json.approved, 3)
  equal("said so", s:expect(200, "GET", "/v1/deletes").json.deletes[1].approved, true)
  equal("they go", (run_whole(s)), 0)
  equal("they went", #s:expect(200, "GET", "/v1/home/city?name=Caa").json.records, 0)
end

local function roles(s, dead)
  local ways = { { "POST", "/v1/dead/retry", '{"sync":"cities"}' }, { "POST", "/v1/dead/" .. dead .. "/retry" },
    { "DELETE", "/v1/dead/" .. dead }, { "DELETE", "/v1/conflicts/1" }, { "POST", "/v1/deletes/1/approve" },
    { "DELETE", "/v1/deletes/1" } }
  local looks = { "/v1/dead", "/v1/dead/" .. dead, "/v1/dead.csv", "/v1/conflicts", "/v1/conflicts/1", "/v1/deletes" }
  for _, role in ipairs { "ops-limited", "biz-limited", "datasource" } do
    local token = s:token(role, role, "org")
    for _, way in ipairs(ways) do s:expect(403, way[1], way[2], { token = token, body = way[3] }) end
    for _, path in ipairs(looks) do
      s:expect(role == "datasource" and 403 or 200, "GET", path, { token = token })
    end
  end
  local other = s:token("other", "biz-full", "other")
  for _, path in ipairs(looks) do
    s:expect(404, "GET", path, { token = other })
    s:expect(404, "GET", path .. "?org=org", { token = other })
  end
  for _, way in ipairs(ways) do s:expect(404, way[1], way[2], { token = other, body = way[3] }) end
end

server.test(arg[1], files, function(s)
  local code, text = s:weir "run syncs/org/cities.lua --param who=me"
  equal(text, code, 0)
  parrot_start(s)
  parrot_say(s, '[{"code":"A","name":"Aba"},{"code":"B","name":"Baa"},{"code":"C","name":"Caa"},{"code":"D","name":"Daa"},{"code":"D","name":"Dab"}]')
  code, text = run_whole(s)
  equal(text, code, 0)
  s.default_token, s.ops = s:token("biz", "biz-full", "org"), s:token("ops", "ops-full", "org")
  s:start()
  local ids = dead_seen(s)
  roles(s, ids.BRN)
  dead_tried(s, ids)
  dead_dropped(s)
  conflicts(s)
  deletes(s)
  s:stop()
  s.asked:close()
  s.answered:close()
end)
