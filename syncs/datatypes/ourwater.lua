-- OurWater's datatypes, shared by all syncs of its organisations.

local weir = require "weir"

return {
  -- A well, a rain gauge or a check dam.
  resource = weir.datatype {
    key          = { "postcode", "number" },
    postcode     = weir.field("text", { required = true }),
    number       = weir.field("text", { required = true }),
    name         = "text",
    resourceType = "text",
    lat          = "decimal",
    lng          = "decimal",
    owner        = "text",
    groups       = "json",
    externalIds  = "json",
    createdAt    = "time",
    updatedAt    = "time",
  },

  -- What was measured at a resource: a water level, rain, or a check dam's height.
  reading = weir.datatype {
    key          = { "resource", "datetime" },
    resource     = weir.field(weir.ref "resource", { required = true }),
    datetime     = weir.field("time", { required = true }),
    value        = "decimal",
    resourceType = "text",
    timeseriesId = weir.field("text", { default = "default" }),
    groups       = "json",
    externalIds  = "json",
    isLegacy     = "bool",
  },

  -- The area of a pincode or of a village.
  group = weir.datatype {
    key         = { "name", "type" },
    name        = weir.field("text", { required = true }),
    type        = weir.field("text", { required = true }),
    coords      = "json",
    externalIds = "json",
    createdAt   = "time",
    updatedAt   = "time",
  },
}
