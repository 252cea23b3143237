-- Fields that nobody declared are kept beside the others.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = "id,name,depth\nw1,North well,12\nw2,South well,9\n",
    ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return { resource = weir.datatype { key = "code", extra = "keep", code = "text", name = "text" } }
]],
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "id", weir.rest } },
}
]],
  },
  steps = { { run = "syncs/org/resources.lua" } },

  after = [[
syncs/org/resources.lua: exit 0, done, read 2, created 2

resource
  wells:w1  origin=wells code=w1 name=North well extra={"depth":"12"}
  wells:w2  origin=wells code=w2 name=South well extra={"depth":"9"}
]],
}
