-- A record that a person edited and the datasource changed: the datasource wins, the edit is kept as a conflict.
-- An edit of a record that did not change there stays.
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
    { run = "syncs/org/resources.lua" },
    { command = "put org resource", input = '{"code":"w1","name":"The well by the road"}\n{"code":"w2","name":"Deep well"}\n' },
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw1,Upper well\nw2,South well\n" } },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
put org resource: exit 0
syncs/org/resources.lua: exit 0, done, read 2, updated 1, unchanged 1

reading
resource
  wells:w1  origin=wells code=w1 name=Upper well
  wells:w2  origin=put code=w2 name=Deep well
conflict
  edit resource w1 {"code":"w1","name":"The well by the road"}
]],
}
