-- A script leaves rows out and says why; the reasons are counted.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,w2,2020-01-01,1.50
r2,w1,2020-01-02,2.50
r3,w2,2020-01-03,3.50
r4,w1,2020-01-04,4.50
r5,w2,2020-01-05,5.50
r6,w1,2020-01-06,6.50
r7,w2,2020-01-07,7.50
r8,w1,2020-01-08,8.50
]],
    ["syncs/org/readings.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = {
    reading = function(r)
      if r.well == "w2" then return weir.skip "the other well" end
      return { datetime = r.date .. "T00:00:00Z", value = tonumber(r.value) }
    end,
  },
}
]],
  },
  steps = { { run = "syncs/org/readings.lua" } },

  after = [[
syncs/org/readings.lua: exit 0, done, read 8, created 4, skipped 4

reading
  wells:r2  origin=wells datetime=2020-01-02T00:00:00Z value=2.5
  wells:r4  origin=wells datetime=2020-01-04T00:00:00Z value=4.5
  wells:r6  origin=wells datetime=2020-01-06T00:00:00Z value=6.5
  wells:r8  origin=wells datetime=2020-01-08T00:00:00Z value=8.5
resource
]],
}
