-- What most scenarios share: the datatypes of wells and their readings, and the usual sync of each. wells { … } gives
-- the files it is handed with these beside them.
local files = {
  ["syncs/datatypes/wells.lua"] = [[
local weir = require "weir"

return {
  resource = weir.datatype { key = "code", code = "text", name = "text" },
  reading = weir.datatype {
    key = { "resource", "datetime" },
    resource = weir.ref "resource",
    datetime = weir.field("time", { required = true }),
    value = weir.field("decimal", { required = true }),
  },
}
]],
  ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "id", name = "name" } },
}
]],
  ["syncs/org/readings.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { reading = { file = "readings.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "reading" },
  pull = {
    reading = {
      resource = weir.ref("resource", "well"),
      datetime = weir.time("date", { formats = { "iso", "DD/MM/YYYY" } }),
      value = weir.number "value",
    },
  },
}
]],
}

return function(own)
  for name, text in pairs(files) do own[name] = own[name] or text end
  return own
end
