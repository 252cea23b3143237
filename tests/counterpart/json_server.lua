-- json-server: pages by number with a Link and a total; arrays that are answered without ids.
return function(t)
  local wells = t.json.array {}
  for i = 1, 25 do wells[i] = { id = i, code = "w" .. i, name = "Well " .. i, depth = i + 0.5 } end
  local remote = t.json_server { well = wells }
  local ways = {
    number = { page = 'weir.page.number { page = "_page", limit = "_limit", size = 10, total = "header:X-Total-Count" }' },
    link = { page = "weir.page.link {}", query = '_page = "1", _limit = "10",' },
  }
  for name, way in pairs(ways) do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.names.url = remote.url
    t.script("wells", ([[
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "remote", base = "{{url}}", page = %s,
    types = { well = { path = "/well", key = "id", find = { "code" }, query = { _sort = "id", %s } } },
  },
  datatypes = { well = weir.datatype { key = "code", code = "text", name = "text", depth = "decimal" } },
  direction = "both",
  types = { "well" },
  pull = { well = { code = "code", name = "name", depth = weir.number "depth" } },
  push = { well = { code = "code", name = "name", depth = weir.number "depth" } },
}
]]):format(way.page, way.query or ""))
    local function writes()
      local count = 0
      for _, one in ipairs(remote.log().requests) do count = count + (one.method ~= "GET" and 1 or 0) end
      return count
    end
    t.done("wells", { created = #remote.get "/well" })
    t.quiet("wells", writes)
    t.put("well", { { code = name .. 1, name = "Here 1", depth = 1 }, { code = name .. 2, name = "Here 2", depth = 2 },
      { code = "w1", name = "Renamed by " .. name } })
    t.done "wells"
    t.both_equal("wells", t.home "well", remote.get "/well", { "code", "name", "depth" })
    t.quiet("wells", writes)
  end
end
