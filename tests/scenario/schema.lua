-- A datatype gains a field: home follows. It changes a field's type: refused, with the way out, and nothing changes.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = [[
id,name
w1,North well
w2,South well
]],
  },
  quiet = false,
  steps = {
    { run = "syncs/org/resources.lua" },
    {
      run = "syncs/org/resources.lua",
      files = {
        ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return { resource = weir.datatype { key = "code", code = "text", name = "text", depth = "decimal" } }
]],
        ["syncs/org/resources.csv"] = "id,name,depth\nw1,North well,12.50\nw2,South well,9\n",
        ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "id", name = "name", depth = weir.number "depth" } },
}
]],
      },
    },
    {
      run = "syncs/org/resources.lua",
      files = {
        ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return { resource = weir.datatype { key = "code", code = "text", name = "text", depth = "integer" } }
]],
      },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/resources.lua: exit 0, done, read 2, updated 2
syncs/org/resources.lua: exit 3, failed, 

reading
resource
  wells:w1  origin=wells code=w1 name=North well depth=12.50
  wells:w2  origin=wells code=w2 name=South well depth=9
]],
}
