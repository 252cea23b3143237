-- A reference to what comes later in the same run: the field waits, then it is filled in.
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
r1,w1,2020-01-01,1
r2,w2,2020-01-02,2
r3,w9,2020-01-03,3
]],
    ["syncs/org/backwards.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv {
    name = "wells",
    types = {
      reading = { file = "readings.csv", key = "id" },
      resource = { file = "resources.csv", key = "id" },
    },
  },
  datatypes = require "wells",
  types = { "reading", "resource" },
  pull = {
    reading = { resource = weir.ref("resource", "well"), datetime = weir.time "date", value = weir.number "value" },
    resource = { code = "id", name = "name" },
  },
}
]],
  },
  steps = { { run = "syncs/org/backwards.lua" } },

  after = [[
syncs/org/backwards.lua: exit 0, done, read 5, created 5, updated 2, pending 1

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2020-01-01T00:00:00Z value=1
  wells:r2  origin=wells resource=<wells:w2> datetime=2020-01-02T00:00:00Z value=2
  wells:r3  origin=wells datetime=2020-01-03T00:00:00Z value=3
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
pending
  wells:w9 of resource awaited by reading field resource
]],
}
