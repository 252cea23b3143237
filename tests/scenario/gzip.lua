-- A gzipped file, resumed in its middle.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/readings.csv.gz"] = [[
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
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv.gz", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = { reading = { datetime = weir.time "date", value = weir.number "value" } },
}
]],
  },
  steps = { { run = "syncs/org/readings.lua" } },

  after = [[
syncs/org/readings.lua: exit 0, done, read 8, created 8

reading
  wells:r1  origin=wells datetime=2020-01-01T00:00:00Z value=1.50
  wells:r2  origin=wells datetime=2020-01-02T00:00:00Z value=2.50
  wells:r3  origin=wells datetime=2020-01-03T00:00:00Z value=3.50
  wells:r4  origin=wells datetime=2020-01-04T00:00:00Z value=4.50
  wells:r5  origin=wells datetime=2020-01-05T00:00:00Z value=5.50
  wells:r6  origin=wells datetime=2020-01-06T00:00:00Z value=6.50
  wells:r7  origin=wells datetime=2020-01-07T00:00:00Z value=7.50
  wells:r8  origin=wells datetime=2020-01-08T00:00:00Z value=8.50
resource
]],
}
