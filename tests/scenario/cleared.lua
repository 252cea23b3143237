-- A function clears one field with weir.null and leaves another alone by saying nothing of it.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = [[
id,name
w1,North well
w2,South well
]],
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = {
    resource = function(r)
      if r.name == "-" then return { code = r.id, name = weir.null } end
      if r.name == "?" then return { code = r.id } end
      return { code = r.id, name = r.name }
    end,
  },
}
]],
  },
  steps = {
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw1,-\nw2,?\n" } },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/resources.lua: exit 0, done, read 2, updated 1, unchanged 1

reading
resource
  wells:w1  origin=wells code=w1
  wells:w2  origin=wells code=w2 name=South well
]],
}
