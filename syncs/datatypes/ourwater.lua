-- OurWater's datatypes, shared by all syncs of its organisations.

local weir = require "weir"

return {
  -- The area of a pincode, or of a village.
  group = weir.datatype {
    key         = { "type", "code" },
    type        = weir.field("text", { required = true }),   -- "pincode" or "village"
    code        = weir.field("text", { required = true }),   -- the pincode, or pincode.village
    name        = "text",
    coords      = "json",
    externalIds = "json",
    createdAt   = "time",
    updatedAt   = "time",
  },

  -- A well, a rain gauge or a check dam. One that was made here has no number until MyWell gives it one.
  resource = weir.datatype {
    key          = { "postcode", "number" },
    postcode     = "text",
    number       = "text",
    name         = "text",
    resourceType = "text",
    lat          = "decimal",
    lng          = "decimal",
    owner        = "text",
    group        = weir.ref "group",
    groups       = "json",
    externalIds  = "json",
    createdAt    = "time",
    updatedAt    = "time",

    -- The pincode rule: a resource in the group of a pincode is given that pincode by itself, when the resource or
    -- the group is made or changed. With it, the resource can go to MyWell.
    derive = {
      externalIds = function(resource, refs)
        local group = refs.group
        if not group or group.type ~= "pincode" then return nil end
        local ids = resource.externalIds and weir.copy(resource.externalIds) or {}
        ids.legacyMyWellPincode = group.code
        return ids
      end,
    },
  },

  -- One row of measurements at a resource, where a system keeps several.
  timeseries = weir.datatype {
    key      = { "resource", "code" },
    resource = weir.field(weir.ref "resource", { required = true }),
    code     = weir.field("text", { required = true }),
  },

  -- What was measured at a resource: a water level, rain, or a check dam's height.
  reading = weir.datatype {
    key          = { "resource", "datetime" },
    resource     = weir.field(weir.ref "resource", { required = true }),
    datetime     = weir.field("time", { required = true }),
    value        = "decimal",
    resourceType = "text",
    timeseries   = weir.ref "timeseries",
    timeseriesId = weir.field("text", { default = "default" }),
    groups       = "json",
    externalIds  = "json",
    isLegacy     = "bool",
    createdAt    = "time",
    updatedAt    = "time",
  },
}
