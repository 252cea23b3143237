-- Some rows change, some come, some stay: only what changed is written.
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
r6,w1,2020-01-06,6.50
r7,w2,2020-01-07,7.50
r8,w1,2020-01-08,8.50
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
r1,w2,2020-01-01,1.50
r2,w1,2020-01-02,2.501
r3,w2,2020-01-03,3.50
r4,w1,2020-01-04,4.50
r5,w2,2020-01-05,5.50
r6,w1,2020-01-06,6.50
r7,w2,2020-01-07,7.501
r8,w1,2020-01-08,8.50
r9,w1,2020-01-09,9
]],
      },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/readings.lua: exit 0, done, read 8, created 8
syncs/org/readings.lua: exit 0, done, read 9, created 1, updated 2, unchanged 6

reading
  wells:r1  origin=wells resource=<wells:w2> datetime=2020-01-01T00:00:00Z value=1.50
  wells:r2  origin=wells resource=<wells:w1> datetime=2020-01-02T00:00:00Z value=2.501
  wells:r3  origin=wells resource=<wells:w2> datetime=2020-01-03T00:00:00Z value=3.50
  wells:r4  origin=wells resource=<wells:w1> datetime=2020-01-04T00:00:00Z value=4.50
  wells:r5  origin=wells resource=<wells:w2> datetime=2020-01-05T00:00:00Z value=5.50
  wells:r6  origin=wells resource=<wells:w1> datetime=2020-01-06T00:00:00Z value=6.50
  wells:r7  origin=wells resource=<wells:w2> datetime=2020-01-07T00:00:00Z value=7.501
  wells:r8  origin=wells resource=<wells:w1> datetime=2020-01-08T00:00:00Z value=8.50
  wells:r9  origin=wells resource=<wells:w1> datetime=2020-01-09T00:00:00Z value=9
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
]],
}
