-- The datatype that the measurements use: ten fields.
local weir = require "weir"

return {
  reading = weir.datatype {
    date = weir.field("time", { required = true }),
    pincode = "integer",
    resourceId = "integer",
    value = "decimal",
    unit = "text",
    state = "text",
    observer = "text",
    note = "text",
    updatedAt = "time",
    place = "text",
  },
}
