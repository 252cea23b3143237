-- The same id twice while it waits, with different values: the later goes in, the earlier is kept as a conflict, and
-- running again writes nothing.
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
r1,w1,2020-01-01,1.5
r3,w1,2020-01-03,3
r2,w2,2020-01-02,2.5
]],
    ["syncs/datatypes/strict_wells.lua"] = [[
local weir = require "weir"

return {
  resource = weir.datatype { key = "code", code = "text", name = "text" },
  reading = weir.datatype {
    resource = weir.field(weir.ref "resource", { required = true }),
    datetime = "time",
    value = "decimal",
  },
}
]],
    ["syncs/org/strict.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "strict_wells",
  types = { "reading" },
  pull = {
    reading = { resource = weir.ref("resource", "well"), datetime = weir.time "date", value = weir.number "value" },
  },
}
]],
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "strict_wells",
  types = { "resource" },
  pull = { resource = { code = "id", name = "name" } },
}
]],
  },
  steps = {
    { run = "syncs/org/strict.lua" },
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/strict.lua" },
  },

  after = [[
syncs/org/strict.lua: exit 0, done, read 5, pending 3
syncs/org/resources.lua: exit 0, done, read 2, created 5
syncs/org/strict.lua: exit 0, done, read 5, unchanged 5

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2020-01-01T00:00:00Z value=1.5
  wells:r2  origin=wells resource=<wells:w2> datetime=2020-01-02T00:00:00Z value=2.5
  wells:r3  origin=wells resource=<wells:w1> datetime=2020-01-03T00:00:00Z value=3
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
conflict
  repeat reading r1 {"resource":["wells","resource","w1"],"datetime":1577836800000000,"value":1}
  repeat reading r2 {"resource":["wells","resource","w2"],"datetime":1577923200000000,"value":2}
]],
}
