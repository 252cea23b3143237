-- Rows that do not fit become dead letters with their line and reason; the rest goes in. Mended, they are closed.
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
r2,w1,2020-01-02,about 2
r3,w1,2020-01-03
r4,w1,2020-01-04,4,too much
,w1,2020-01-05,5
r6,w1,2020-01-06,6
r7,w1,"2020-01-07"x,7
r8,w1,2020-01-08,8
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
r2,w1,2020-01-02,2
r3,w1,2020-01-03,3
r4,w1,2020-01-04,4
r6,w1,2020-01-06,6
r7,w1,2020-01-07,7
r8,w1,2020-01-08,8
]],
      },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/readings.lua: exit 0, done, read 8, created 3, dead 5
syncs/org/readings.lua: exit 0, done, read 7, created 4, unchanged 3

reading
  wells:r1  origin=wells resource=<wells:w1> datetime=2020-01-01T00:00:00Z value=1
  wells:r2  origin=wells resource=<wells:w1> datetime=2020-01-02T00:00:00Z value=2
  wells:r3  origin=wells resource=<wells:w1> datetime=2020-01-03T00:00:00Z value=3
  wells:r4  origin=wells resource=<wells:w1> datetime=2020-01-04T00:00:00Z value=4
  wells:r6  origin=wells resource=<wells:w1> datetime=2020-01-06T00:00:00Z value=6
  wells:r7  origin=wells resource=<wells:w1> datetime=2020-01-07T00:00:00Z value=7
  wells:r8  origin=wells resource=<wells:w1> datetime=2020-01-08T00:00:00Z value=8
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
dead
  reading #115e651e5919a4741a98fe5b9a90d8ad W3003 at readings.csv line 4: the row has 3 fields, and there are 4 columns
  reading #82e55bc0b81988757e6d1afc0c91e115 W4004 at readings.csv line 6: key field id is an empty text; it must say which record this is
  reading #df4d0a4863d51fccfa3741c398d15762 W3003 at readings.csv line 5: the row has 5 fields, and there are 4 columns
  reading #f7e421d99cc132664c399dc9303e7ea4 W3004 at readings.csv line 8, column date: line 8, column 3: text stands behind the quote that closes the field (byte 19 of the row); inside quotes, a quote is written twice
]],
}
