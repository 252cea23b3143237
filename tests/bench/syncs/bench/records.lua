-- The same as fields.lua by one function of the whole record.
local weir = require "weir"

return weir.sync {
  params = { file = weir.param.file },
  datasource = weir.csv { name = "bench", types = { reading = { file = weir.param "file", key = "id" } } },
  datatypes = require "wide",
  types = { "reading" },
  pull = {
    reading = function(r)
      return {
        date = r.date,
        pincode = r.pincode,
        resourceId = r.resourceId,
        value = r.value,
        unit = r.unit,
        state = r.state == "doubted" and "rejected" or r.state,
        observer = r.observer,
        note = r.note,
        updatedAt = r.updatedAt,
        place = r.pincode .. "/" .. r.resourceId,
      }
    end,
  },
}
