-- Transforms: how a record of the source becomes one of home. A table says for each of home's fields where it comes
-- from; what it does not name is left out.
--
--   pull = {
--     reading = {
--       well   = weir.ref("well", "well_id"),                              -- the well with this id
--       taken  = weir.time("date", { formats = { "DD/MM/YYYY" }, zone = "Asia/Kolkata" }),
--       level  = weir.number "depth_m",
--       name   = weir.text,                                                -- the field of the same name
--       source = weir.const "survey",
--       kind   = weir.map("type", { W = "well", R = "raingauge" }, { default = "other" }),
--       lat    = weir.path("geo", "lat"),                                  -- a field inside a field
--       label  = function(r) return r.name .. " (" .. r.type .. ")" end,   -- anything else
--       weir.rest,                                                         -- and all fields of the same name
--     },
--   }
--
-- The first thing each of these takes is where the value comes from: a source field's name, weir.path, or a function
-- of the record. Left out, it is the source field of the same name as home's.

local weir, core = ...

-- weir.time(input, { formats = { … }, zone = … }): a date or a time. The first format that fits is taken.
--
-- Formats are written with YYYY MM DD HH mm ss SSS Z; "iso", "epoch_s" and "epoch_ms" are ready-made.
weir.time = core.time

-- weir.number(input): a number, kept exactly as it is written: "12.50" stays 12.50. An empty text is empty.
weir.number = core.number

-- weir.text(input): a text without the white space around it. An empty text is empty.
weir.text = core.text

-- weir.bool(input): true, yes, y, 1, on and false, no, n, 0, off, in any case.
weir.bool = core.bool

-- weir.const(value): always the same.
weir.const = core.const

-- weir.map(input, { from = to, … }, { default = … }): one value for another. Without a default, a value that is not
-- in the table makes its record fail, and the record is kept to be looked at.
weir.map = core.map

-- weir.ref(datatype, input, { datasource = … }): another record, by the id that a datasource knows it by. For an id of
-- several parts the input is a list of fields: weir.ref("resource", { "postcode", "id" }). The datasource is the
-- sync's own unless it is named. (In a datatype, weir.ref "resource" is the type of such a field.)
weir.ref = core.ref

-- weir.path(name, name, …): a field inside a field. A name with a dot or a comma in it is just a name.
weir.path = core.path

-- weir.rest, alone in a table: all other fields of the same name too.
weir.rest = core.rest
