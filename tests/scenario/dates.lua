-- Both ways of writing a date, an hour with a zone, and days that are none.
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
r1,w1,2018-08-06,1
r2,w1,07/08/2018,2
r3,w1,2018-08-08T06:00:00.000Z,3
r4,w1,2018-08-09T06:00:00+05:30,4
r5,w1,31/02/2018,5
r6,w1,2018-13-01,6
r7,w1,29/02/2020,7
r8,w1,,8
]],
  },
  steps = {
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/readings.lua" },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/readings.lua: exit 0, done, read 8, created 5, dead 3

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2018-08-06T00:00:00Z value=1
  wells:r2  origin=wells resource=<wells:w1> datetime=2018-08-07T00:00:00Z value=2
  wells:r3  origin=wells resource=<wells:w1> datetime=2018-08-08T06:00:00Z value=3
  wells:r4  origin=wells resource=<wells:w1> datetime=2018-08-09T00:30:00Z value=4
  wells:r7  origin=wells resource=<wells:w1> datetime=2020-02-29T00:00:00Z value=7
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
dead
  reading r5 W4006 at readings.csv line 6: '31/02/2018' is no time in the format iso or the others given (field datetime)
  reading r6 W4006 at readings.csv line 7: '2018-13-01' is no time in the format iso or the others given (field datetime)
  reading r8 W4002 at readings.csv line 9: reading needs a datetime; fill it or give it a default (field datetime)
]],
}
