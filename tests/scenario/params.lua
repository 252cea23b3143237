-- One script, two files given as parameters: each has a pass of its own.
local wells = require "wells"

return {
  files = wells {
    ["a.csv"] = "id,name\nw1,North well\nw2,South well\n",
    ["b.csv"] = "id,name\nw3,East well\nw2,South well\n",
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  params = { file = weir.param.file },
  datasource = weir.csv { name = "wells", types = { resource = { file = weir.param "file", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "id", name = "name" } },
}
]],
  },
  steps = {
    { run = "syncs/org/resources.lua", params = "--param file=a.csv" },
    { run = "syncs/org/resources.lua", params = "--param file=b.csv" },
    { run = "syncs/org/resources.lua" },
    { run = "syncs/org/resources.lua", params = "--param file=a.csv" },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2
syncs/org/resources.lua: exit 0, done, read 2, created 1, unchanged 1
syncs/org/resources.lua: exit 3, failed, 
syncs/org/resources.lua: exit 0, done, read 2, unchanged 2

reading
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
  wells:w3  origin=wells code=w3 name=East well
]],
}
