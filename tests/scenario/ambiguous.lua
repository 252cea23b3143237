-- Two records of home have the key of one that comes: nobody guesses which is meant.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = [[
id,name
w1,North well
w2,South well
]],
    ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return { resource = weir.datatype { key = "name", code = "text", name = "text" } }
]],
    ["syncs/org/other.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "other", types = { resource = { file = "other.csv", key = "number" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "number", name = "name" } },
}
]],
    ["syncs/org/other.csv"] = "number,name\n1,The well\n2,Another\n",
  },
  steps = {
    { run = "syncs/org/resources.lua", files = { ["syncs/org/resources.csv"] = "id,name\nw1,The well\nw2,A well\n" } },
    { command = "put org resource", input = '{"id":2,"name":"The well"}\n' },
    { run = "syncs/org/other.lua" },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
put org resource: exit 0
syncs/org/other.lua: exit 0, done, read 2, created 1, dead 1

resource
  other:2  origin=other code=2 name=Another
  wells:w1  origin=wells code=w1 name=The well
  wells:w2  origin=put code=w2 name=The well
dead
  resource 1 W4005 at other.csv line 2: home has several records of resource with this key; merge them, then retry this dead letter
]],
}
