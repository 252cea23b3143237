-- The same id with different values: the later wins, the earlier is kept as a conflict.
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
r1,w1,2020-01-01,1.5
r2,w2,2020-01-02,2
r3,w1,2020-01-03,3
r4,w1,2020-01-04,4
r2,w2,2020-01-02,2.5
]],
  },
  steps = {
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/readings.lua" },
    {
      run = "syncs/org/readings.lua",
      files = {
        ["syncs/org/readings.csv"] = [[
id,well,date,value
r1,w1,2020-01-01,1
r1,w1,2020-01-01,1.5
r2,w2,2020-01-02,2
r3,w1,2020-01-03,3.5
r4,w1,2020-01-04,4
r2,w2,2020-01-02,2.5
]],
      },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/readings.lua: exit 0, done, read 6, created 4, updated 2
syncs/org/readings.lua: exit 0, done, read 6, updated 1, unchanged 5

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2020-01-01T00:00:00Z value=1.5
  wells:r2  origin=wells resource=<wells:w2> datetime=2020-01-02T00:00:00Z value=2.5
  wells:r3  origin=wells resource=<wells:w1> datetime=2020-01-03T00:00:00Z value=3.5
  wells:r4  origin=wells resource=<wells:w1> datetime=2020-01-04T00:00:00Z value=4
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
conflict
  repeat reading r1 {"resource":1,"datetime":1577836800000000,"value":1}
  repeat reading r2 {"resource":2,"datetime":1577923200000000,"value":2}
]],
}
