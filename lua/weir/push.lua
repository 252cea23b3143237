-- The way out: how a record of home becomes one of the datasource. A table says for each of the datasource's fields
-- which of home's goes into it.
--
--   push = {
--     reading = {
--       when  = function(r) return r.checked end,                  -- which records go out at all
--       day   = weir.time("taken", { formats = "YYYY-MM-DD" }),     -- one of home's times, as the datasource writes it
--       depth = weir.number "level",
--       place = weir.link "well",                                  -- the id by which the datasource knows the well
--       note  = function(r) return r.name .. " (weir)" end,        -- anything else
--       back  = {                                                  -- what the reply gives back into home's fields
--         number = weir.text "id",
--         remote = function(r, reply) return { place = reply.place } end,
--       },
--     },
--     well  = function(r) return { title = r.name } end,           -- a function of the whole record
--     group = true,                                                -- the fields of the same name
--   }
--
-- A type that is not named stays at home. `when` and `back` are weir's own words. All else is as in pull (see
-- transform.lua), the other way round: home's fields go in. `id` is home's own number for the record.

local weir, core = ...

-- weir.link(field, { part = 2 }): the id by which the datasource knows the record that a reference leads to, or one
-- part of it. Until the datasource has that record, this one waits. With number = true it goes out as a number, with
-- datasource = "other" it is another one's id.
weir.link = core.link
