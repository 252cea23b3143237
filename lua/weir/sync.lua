-- What a script returns: where records come from, and how they change on their way home.
--
--   local weir = require "weir"
--
--   return weir.sync {
--     datasource = weir.csv {
--       name  = "survey",
--       file  = "survey.csv",
--       types = { well = { key = "id" } },
--     },
--     datatypes = require "survey_types",        -- syncs/datatypes/survey_types.lua
--     types     = { "well" },                    -- what to bring over, in this order
--     pull      = { well = { name = "Name of the well", depth = weir.number "Depth" } },
--   }
--
-- With direction = "both" (or "push") records also go out, as push says: push.lua. What else a two-way sync has to say:
--
--   every    = "15m",                          -- how often it runs by itself; or, by the calendar:
--   cron     = "0 3 * * *", zone = "Asia/Kolkata", jitter = "10m",
--   conflict = "newest",                       -- who wins where both sides changed a record: "home", "datasource",
--                                              -- "newest", "fields" or a function(base, home, remote)
--   deletes  = { at_most = "5%" },             -- carry deletes over, so many at once and no more
--
-- The script's folder is the organisation: syncs/ORG/NAME.lua.

local weir, core = ...

-- weir.sync { datasource =, datatypes =, types =, direction =, pull =, push =, conflict =, deletes =, params =,
--             errors =, once =, every =, cron =, zone =, jitter =, exclusive =, limits =, on_crash =, template = }
weir.sync = core.sync

-- One function a kind of datasource, named after it: weir.csv { name =, file =, types = { … } }, weir.http { … }.
-- `weir help weir.csv` and docs/reference/options.md list what each takes.
for kind, declare in pairs(core.datasources) do
  weir[kind] = declare
end

-- A secret from DATA/secrets/ORG/NAME (mode 0600) or from the environment (WEIR_SECRET_NAME). It goes into an option
-- and can't be printed, joined to a text or looked into.
--
--   password = weir.secret "mywell_password"
weir.secret = core.secret
