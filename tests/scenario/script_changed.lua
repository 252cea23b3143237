-- Another script looks at everything again; what comes out the same is not written.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = [[
id,name
w1,North well
w2,South well
]],
    ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,w2,2020-01-01,1.50
r2,w1,2020-01-02,2.50
r3,w2,2020-01-03,3.50
r4,w1,2020-01-04,4.50
r5,w2,2020-01-05,5.50
]],
  },
  steps = {
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/readings.lua" },
    {
      run = "syncs/org/readings.lua",
      files = {
        ["syncs/org/readings.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = {
    reading = {
      resource = weir.ref("resource", "well"),
      datetime = weir.time "date",
      value = function(r)
        if r.id == "r2" then return 20 end
        return tonumber(r.value)
      end,
    },
  },
}
]],
      },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/readings.lua: exit 0, done, read 5, created 5
syncs/org/readings.lua: exit 0, done, read 5, updated 1, unchanged 4

reading
  wells:r1  origin=wells resource=<wells:w2> datetime=2020-01-01T00:00:00Z value=1.50
  wells:r2  origin=wells resource=<wells:w1> datetime=2020-01-02T00:00:00Z value=20
  wells:r3  origin=wells resource=<wells:w2> datetime=2020-01-03T00:00:00Z value=3.50
  wells:r4  origin=wells resource=<wells:w1> datetime=2020-01-04T00:00:00Z value=4.50
  wells:r5  origin=wells resource=<wells:w2> datetime=2020-01-05T00:00:00Z value=5.50
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
]],
}
