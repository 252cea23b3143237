-- One row becomes records of two types, one of them several.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/visits.csv"] = [[
well,name,date,morning,evening
w1,North well,2020-01-01,1,1.5
w2,South well,2020-01-01,2,2.5
w1,North well,2020-01-02,3,
w2,South well,2020-01-02,4,4.5
]],
    ["syncs/org/visits.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "visits.csv", key = { "well", "date" } } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = {
    reading = function(r)
      local list = { weir.record("reading", { datetime = r.date .. "T06:00:00Z", value = tonumber(r.morning) }) }
      if r.evening ~= "" then
        list[2] = weir.record("reading", { datetime = r.date .. "T18:00:00Z", value = tonumber(r.evening) })
      end
      return list
    end,
  },
}
]],
  },
  steps = { { run = "syncs/org/visits.lua" } },

  after = [[
syncs/org/visits.lua: exit 0, done, read 4, created 7

reading
  wells:["w1","2020-01-01"]  origin=wells datetime=2020-01-01T06:00:00Z value=1
  wells:["w1","2020-01-01"]#2  origin=wells datetime=2020-01-01T18:00:00Z value=1.5
  wells:["w1","2020-01-02"]  origin=wells datetime=2020-01-02T06:00:00Z value=3
  wells:["w2","2020-01-01"]  origin=wells datetime=2020-01-01T06:00:00Z value=2
  wells:["w2","2020-01-01"]#2  origin=wells datetime=2020-01-01T18:00:00Z value=2.5
  wells:["w2","2020-01-02"]  origin=wells datetime=2020-01-02T06:00:00Z value=4
  wells:["w2","2020-01-02"]#2  origin=wells datetime=2020-01-02T18:00:00Z value=4.5
resource
]],
}
