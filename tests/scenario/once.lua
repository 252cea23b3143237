-- A sync that is done for good answers with the run that did it; force does it again.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,w2,2020-01-01,1.50
r2,w1,2020-01-02,2.50
r3,w2,2020-01-03,3.50
r4,w1,2020-01-04,4.50
]],
    ["syncs/org/readings.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = { reading = { datetime = weir.time "date", value = weir.number "value" } },
  once = true,
}
]],
  },
  steps = {
    { run = "syncs/org/readings.lua" },
    { run = "syncs/org/readings.lua", files = {
      ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,w2,2020-01-01,1.50
r2,w1,2020-01-02,2.50
r3,w2,2020-01-03,3.50
r4,w1,2020-01-04,4.50
r5,w2,2020-01-05,5.50
r6,w1,2020-01-06,6.50
]],
    } },
    { run = "syncs/org/readings.lua", params = "--force" },
  },

  after = [[
syncs/org/readings.lua: exit 0, done, read 4, created 4
syncs/org/readings.lua: exit 0, done, read 4, created 4
syncs/org/readings.lua: exit 0, done, read 6, created 2, unchanged 4

reading
  wells:r1  origin=wells datetime=2020-01-01T00:00:00Z value=1.50
  wells:r2  origin=wells datetime=2020-01-02T00:00:00Z value=2.50
  wells:r3  origin=wells datetime=2020-01-03T00:00:00Z value=3.50
  wells:r4  origin=wells datetime=2020-01-04T00:00:00Z value=4.50
  wells:r5  origin=wells datetime=2020-01-05T00:00:00Z value=5.50
  wells:r6  origin=wells datetime=2020-01-06T00:00:00Z value=6.50
resource
]],
}
