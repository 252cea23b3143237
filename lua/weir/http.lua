-- A datasource behind a web API.
--
--   local weir = require "weir"
--
--   local wells = weir.http {
--     name = "wells",                                       -- home remembers its ids under this name
--     base = "https://wells.example.org/api",
--     auth = weir.auth.bearer(weir.secret "wells_token"),   -- who asks: http_auth.lua
--     page = weir.page.number { page = "page", limit = "per_page", size = 100 },   -- how pages follow: http_page.lua
--     types = {
--       well = {
--         path   = "/wells",                                -- GET https://wells.example.org/api/wells?page=1…
--         key    = "id",                                    -- what tells one record from another
--         cursor = "changed", cursor_format = "iso",        -- when a record changed last, and how that is written
--         since  = "changed_after",                         -- ?changed_after=2024-05-01T00:00:00Z: only what is new
--       },
--       level = {
--         path   = "/wells/{id}/levels", each = "well",     -- one list for every well
--         key    = { "well", "day" }, with = { well = "id" },
--         create = "POST /levels",                          -- how one is written: the verb and the path
--         update = { request = "PUT /levels", array = true, max = 100 },   -- or with more to say
--         find   = { "well", "day" },                       -- how one is found again whose answer was lost
--       },
--     },
--   }
--
-- `weir help weir.http` and docs/reference/options.md list all that a datasource and its types take.

local _, core = ...

-- create, update, delete and upsert say how a record is written. Each takes a table, or one of these texts for short:
--
--   create = "POST /levels"       the same as { request = "POST /levels" }
--   create = "one-at-a-time"      the same as { at_once = 1 }: the next one waits for the answer
local function way(key, written)
  if written == "one-at-a-time" then
    return { at_once = 1 }
  elseif type(written) ~= "string" then
    return written
  elseif not written:find "^%u+ /%S*$" then
    core.refuse("weir.http", key, key .. " is a verb and a path like \"POST /levels\", \"one-at-a-time\" or a table")
  end
  return { request = written }
end

-- The same table with its shorthands written out; the script's own stays as it is.
local function whole(options)
  if type(options) ~= "table" or type(options.types) ~= "table" then
    return options -- what is wrong with it is said below
  end
  local copy, types = {}, {}
  for key, value in pairs(options) do
    copy[key] = value
  end
  for name, given in pairs(options.types) do
    types[name] = given
    if type(given) == "table" then
      types[name] = {}
      for key, value in pairs(given) do
        types[name][key] = value
      end
      for _, key in ipairs { "create", "update", "delete", "upsert" } do
        types[name][key] = way(key, given[key])
      end
    end
  end
  copy.types = types
  return copy
end

local declare = core.datasources.http

if declare then
  core.datasources.http = function(options)
    return declare(whole(options))
  end
end
