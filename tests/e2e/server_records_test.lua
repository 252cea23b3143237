-- Records that a datasource gives and takes by itself, through scripts that have something to say meanwhile.
-- Usage: lua5.4 server_records_test.lua WEIR
package.path = (arg[0]:match "^(.*)/" or ".") .. "/../support/?.lua;" .. package.path
local server = require "server"
local equal = server.equal

local files = {
  ["syncs/county/wells.lua"] = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.http { name = "county", base = "http://127.0.0.1:1", types = { well = { path = "/wells", key = "code" } } },
  datatypes  = { well = weir.datatype { code = "text", depth = "decimal" } },
  types      = { "well" },
  direction  = "both",
  pull = { well = { code = "code", depth = function(r) print("came " .. r.code) return weir.exact(r, "depth") end } },
  push = { well = { code = "code", depth = function(r) print("goes " .. r.code) return r.depth end } },
}
]],
}

server.test(arg[1], files, function(s)
  s.default_token = s:token("county", "datasource", "county", "--sync wells")
  local office = s:token("office", "biz-full", "county")
  s:start()
  server.wait("the sync", function() return s:call("GET", "/v1/syncs/wells", { token = office }).status == 200 end)
  local path = "/v1/syncs/wells/records/well"

  -- Posted: each has its receipt, and what the script says is no answer.
  local three = '[{"code":"a","depth":1.50},{"code":"b","depth":2},{"depth":3}]'
  local key = { "Idempotency-Key: first" }
  local posted = s:expect(202, "POST", path .. "?wait=20", { body = three, headers = key }).json
  equal("receipts", #posted.receipts, 3)
  equal("the first", posted.receipts[1].outcome, "created")
  equal("the second", posted.receipts[2].outcome, "created")
  equal("one without a key", posted.receipts[3].outcome, "dead")
  equal("its code", posted.receipts[3].code, "W4004")
  local again = s:expect(202, "POST", path .. "?wait=20", { body = three, headers = key }).json
  equal("the same again", again.again, true)
  equal("its receipt", again.receipts[1].receipt, posted.receipts[1].receipt)
  equal("another under the key", s:call("POST", path, { body = "[]", headers = key }).status >= 400, true)

  -- Taken, twice from the same warm child: a page each, however much is said.
  for _ = 1, 2 do
    local first = s:expect(200, "GET", path .. "?limit=1").json
    equal("records of a page", #first.records, 1)
    equal("its record", first.records[1].record.code, "a")
    equal("exactly", first.records[1].record.depth, 1.5)
    local rest = s:expect(200, "GET", path .. "?limit=5&after=" .. first.next).json
    equal("the rest", rest.records[1].record.code, "b")
  end
  equal("receipts later", #s:expect(200, "GET", "/v1/syncs/wells/receipts?limit=10").json.receipts, 3)
  equal("no such type", s:call("GET", "/v1/syncs/wells/records/nothing").status, 404)
  equal("another sync", s:call("GET", "/v1/syncs/other/records/well").status, 404)
end)
