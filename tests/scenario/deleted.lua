-- A record that a person deleted stays away while the datasource says nothing new, and comes back when it changes.
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
    { command = "delete org resource 1" },
    { command = "delete org resource 2" },
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw1,Upper well\nw2,South well\n" } },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
delete org resource 1: exit 0
delete org resource 2: exit 0
syncs/org/resources.lua: exit 0, done, read 2, created 1, unchanged 1

reading
resource
  wells:w1  origin=wells code=w1 name=Upper well
]],
}
