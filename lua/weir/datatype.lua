-- Datatypes: the kinds of records that home keeps. They stand in a module of their own, syncs/datatypes/NAME.lua, so
-- that several syncs share them.
--
--   local weir = require "weir"
--
--   return {
--     well = weir.datatype {
--       key   = { "name" },                                -- what tells one well from another
--       name  = weir.field("text", { required = true }),
--       depth = "decimal",
--       dug   = "time",
--     },
--     reading = weir.datatype {
--       key   = { "well", "taken" },
--       well  = weir.ref "well",                           -- another record
--       taken = "time",
--       level = "decimal",
--     },
--   }
--
-- The fields become the columns of home's table, in the order in which they are written here.

local weir, core = ...

-- weir.datatype { key = { … }, extra = "refuse" or "keep", field = type, … }
--
-- The types: "text", "integer", "decimal", "bool", "time", "json", weir.ref "other datatype", or weir.field for more.
weir.datatype = core.datatype

-- weir.field(type, { required = true, default = … })
weir.field = core.field
