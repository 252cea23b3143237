-- The same ten fields as fields.lua, from a JSON API instead of a file.
local weir = require "weir"

return weir.sync {
  params = { base = weir.param.text, size = weir.param.integer },
  datasource = weir.http {
    name = "bench",
    base = weir.param "base",
    page = weir.page.offset { limit = "limit", offset = "offset", size = weir.param "size", overlap = 0,
                              total = "header:X-Total-Count" },
    types = { reading = { path = "/readings", key = "id" } },
  },
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
