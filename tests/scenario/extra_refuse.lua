-- Fields that nobody declared are refused, each record with its reason.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = "id,name,depth\nw1,North well,12\nw2,South well,9\n",
    ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return { resource = weir.datatype { key = "code", extra = "refuse", code = "text", name = "text" } }
]],
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = function(r) return { code = r.id, name = r.name, depth = r.depth } end },
}
]],
  },
  steps = { { run = "syncs/org/resources.lua" } },

  after = [[
syncs/org/resources.lua: exit 6, warning, read 2, dead 2

resource
dead
  resource w1 W4003 at resources.csv line 2: resource has no field depth; declare it, leave it out in the transform, or keep undeclared fields with extra = "keep" (field depth)
  resource w2 W4003 at resources.csv line 3: resource has no field depth; declare it, leave it out in the transform, or keep undeclared fields with extra = "keep" (field depth)
]],
}
