-- Ten columns into ten fields, two of them derived in Lua.
local weir = require "weir"

return weir.sync {
  params = { file = weir.param.file },
  datasource = weir.csv { name = "bench", types = { reading = { file = weir.param "file", key = "id" } } },
  datatypes = require "wide",
  types = { "reading" },
  pull = {
    reading = {
      date = weir.time "date",
      pincode = "pincode",
      resourceId = "resourceId",
      value = weir.number "value",
      unit = "unit",
      state = function(r) return r.state == "doubted" and "rejected" or r.state end,
      observer = "observer",
      note = "note",
      updatedAt = weir.time "updatedAt",
      place = function(r) return r.pincode .. "/" .. r.resourceId end,
    },
  },
}
