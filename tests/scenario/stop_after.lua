-- Too many bad rows end the run as failed; what was good before stays, and a mended file goes on.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,,2020-01-01,1
r2,,2020-01-02,x
r3,,2020-01-03,x
r4,,2020-01-04,4
r5,,2020-01-05,x
r6,,2020-01-06,6
r7,,2020-01-07,7
r8,,2020-01-08,8
]],
    ["syncs/org/readings.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = { reading = { datetime = weir.time "date", value = weir.number "value" } },
  errors = { stop_after = 2 },
}
]],
  },
  steps = {
    { run = "syncs/org/readings.lua" },
    {
      run = "syncs/org/readings.lua",
      files = {
        ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,,2020-01-01,1
r2,,2020-01-02,2
r3,,2020-01-03,3
r4,,2020-01-04,4
r5,,2020-01-05,5
r6,,2020-01-06,6
]],
      },
    },
  },

  after = [[
syncs/org/readings.lua: exit 1, failed, read 3, created 1, dead 2
syncs/org/readings.lua: exit 0, done, read 6, created 5, unchanged 1

reading
  wells:r1  origin=wells datetime=2020-01-01T00:00:00Z value=1
  wells:r2  origin=wells datetime=2020-01-02T00:00:00Z value=2
  wells:r3  origin=wells datetime=2020-01-03T00:00:00Z value=3
  wells:r4  origin=wells datetime=2020-01-04T00:00:00Z value=4
  wells:r5  origin=wells datetime=2020-01-05T00:00:00Z value=5
  wells:r6  origin=wells datetime=2020-01-06T00:00:00Z value=6
resource
]],
}
