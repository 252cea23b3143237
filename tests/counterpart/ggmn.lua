-- A GGMN: chosen stations, each looked up by a search that must give one hit, their timeseries, the events of those, and
-- events written in UTC.
local SYNC = [[
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "ggmn", base = "{{ggmn}}/api", auth = weir.auth.basic("weir", weir.secret "ggmn"),
    page = weir.page.next "next",
    types = {
      station = { path = "/search/", query = { q = "{id}" }, records = "results", key = "code", lookup = true,
        only = { %s } },
      series = { path = "/timeseries/", each = "station", query = { location__name = "{code}" }, records = "results",
        key = "uuid", with = { station = "code" } },
      event = { path = "/timeseries/{uuid}/data/", each = "series", key = { "series", "timestamp" },
        with = { series = "uuid" }, page = weir.page.whole,
        create = { request = "POST /timeseries/{series}/data/", array = true, max = 100 },
        find = { "timestamp" }, read_back = "none" },
    },
  },
  datatypes = {
    station = weir.datatype { key = "code", code = "text" },
    series = weir.datatype { station = weir.ref "station", kind = "text" },
    event = weir.datatype { series = weir.field(weir.ref "series", { required = true }), at = "time", value = "decimal" },
  },
  types = { "station", "series", "event" },
  direction = "pull",
  pull = {
    station = { code = "code" },
    series = { station = weir.ref("station", "station"), kind = weir.map("code", { GWmMSL = "msl", gwmbgs = "bgs" }) },
    event = { series = weir.ref("series", "series"), at = weir.time("timestamp", { formats = { "epoch_ms" } }),
      value = weir.number(function(r) return r.value or r.max end) },
  },
}
]]
return function(t)
  local remote = t.ggmn()
  local function uuid(n) return ("00000000-0000-4000-8000-%012d"):format(n) end
  remote.edit(uuid(3), { { timestamp = 1577836800000, value = "3.50" }, { timestamp = 1577923200000, min = "1.00", max = "2.25" } })
  remote.edit(uuid(4), { { timestamp = 1577836800000, value = "4.75" } })
  remote.edit(uuid(5), { { timestamp = 1577836800000, value = "5.00" } })
  t.secret("ggmn", remote.password)
  t.script("ggmn", SYNC:format '"ST-003", "ST-004"')
  t.done("ggmn", { created = 7 })
  local values = {}
  for i, one in ipairs(t.home "event") do values[i] = tonumber(one.value) end
  table.sort(values)
  t.equal(values, { 2.25, 3.5, 4.75 }, "the values")
  t.quiet "ggmn"
  for _, one in ipairs(remote.log().requests) do
    t.check(not one.url:find "ST%-005" and not one.url:find(uuid(5), 1, true), "it asks for what wasn't chosen: %s", one.url)
  end
  -- A search with two hits is an error of that station alone.
  t.script("ggmn", SYNC:format '"ST-003", "ST-004", "ST-007"')
  t.run "ggmn"
  t.equal(t.lines(t.home "station", { "code" }), t.json.array { "ST-003", "ST-004" }, "the stations")
  t.check(#t.dead() == 1 or t.run("ggmn").code ~= 0, "nothing is said of the two hits")
end
