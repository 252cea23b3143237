-- References that wait are filled in by the run that brings what they wait for.
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
r3,w1,2020-01-03,3
r4,w9,2020-01-04,4
]],
  },
  steps = {
    { run = "syncs/org/readings.lua" },
    { run = "syncs/org/resources.lua" },
  },

  after = [[
syncs/org/readings.lua: exit 0, done, read 4, created 4, pending 4
syncs/org/resources.lua: exit 0, done, read 2, created 2, updated 3, pending 1

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2020-01-01T00:00:00Z value=1
  wells:r2  origin=wells resource=<wells:w2> datetime=2020-01-02T00:00:00Z value=2
  wells:r3  origin=wells resource=<wells:w1> datetime=2020-01-03T00:00:00Z value=3
  wells:r4  origin=wells datetime=2020-01-04T00:00:00Z value=4
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
pending
  wells:w9 of resource awaited by reading field resource
]],
}
