-- A record that a person put in by hand is adopted by its natural key, not made twice.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = [[
id,name
w1,North well
w2,South well
]],
  },
  steps = {
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw2,South well\n" } },
    { command = "put org resource", input = '{"code":"w1","name":"The well by the road"}\n' },
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw1,North well\nw2,South well\n" } },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 1, created 1
put org resource: exit 0
syncs/org/resources.lua: exit 0, done, read 2, updated 1, unchanged 1

reading
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
conflict
  edit resource w1 {"code":"w1","name":"The well by the road"}
]],
}
