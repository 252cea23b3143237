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
--       depth = "decimal",
--       derive = {                                         -- computed: when the reading or its well changes
--         depth = function(reading, refs) return refs.well and refs.well.depth end,
--       },
--     },
--   }
--
-- The fields become the columns of home's table, in the order in which they are written here.

local weir, core = ...

-- weir.datatype { key = { … }, extra = "refuse" or "keep", derive = { … }, field = type, … }
--
-- The types: "text", "integer", "decimal", "bool", "time", "json", weir.ref "other datatype", or weir.field for more.
--
-- A function of derive is given the record and those that it refers to: refs.well is the record that the field `well`
-- leads to, or nil. It gives the field's value; nil leaves the field as it is.
weir.datatype = core.datatype

-- weir.field(type, { required = true, default = … })
weir.field = core.field
