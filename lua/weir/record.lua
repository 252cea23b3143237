-- Records inside functions. A function of a field reads its record and returns the field's value; a function of a whole
-- record may change it and returns it, or makes another:
--
--   pull = {
--     reading = function(r)
--       if r.value == nil then
--         return weir.skip "no value"
--       end
--       r.note = weir.null                                 -- clears home's note; nil would leave it alone
--       return r
--     end,
--     station = function(r)
--       return {                                           -- two records from one
--         weir.record("well", { name = r.name }),
--         weir.record("reading", { level = r.level }),
--       }
--     end,
--   }
--
-- A record is read in place: r.field, pairs(r), #r.list, r.geo.lat. It is gone when its page is done; to remember one
-- for longer, take weir.copy(r). What a function does not touch passes through exactly.

local weir, core = ...

-- Empty, said out loud: clears the field. A field that is nil is not spoken of, and home keeps its own.
weir.null = core.null

-- weir.skip(reason): leaves the record out. The run counts how many were, and why.
weir.skip = core.skip

-- weir.record(datatype, fields): a record of another datatype than the one in hand.
weir.record = core.record

-- weir.list { … }: a list. (A plain table is an object with names.)
weir.list = core.list

-- weir.copy(record): a plain table with the same fields, yours to keep and to change. Fields that are null are left
-- out, as they read as nil; a null inside a list becomes weir.null, so that the list keeps its length.
weir.copy = core.copy

-- weir.exact(record, field): the exact text of a number. `r.value` is a Lua number, which rounds after some 16 digits.
weir.exact = core.exact

-- weir.log(text): a line in the run's log.
weir.log = core.log
