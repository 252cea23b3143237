-- Keeps some stations of the GGMN (the global groundwater network) in step with OurWater: the stations and their
-- timeseries come in, readings go both ways.
--
--   weir run syncs/mywell/ggmn.lua
--
-- Put the GGMN's user and password into DATA/secrets/mywell/ggmn_user and ggmn_password (mode 0600).

local weir = require "weir"

-- GGMN has about 107,000 stations. Only these take part; add yours.
local stations = { "ST-001", "ST-002" }

-- Of a station's timeseries, those that say how deep the groundwater is. GGMN writes these words in any case.
local levels = { gwmmsl = true, gwmbgs = true }

local ggmn = weir.http {
  name = "ggmn",
  base = weir.param "base",
  auth = weir.auth.basic(weir.secret "ggmn_user", weir.secret "ggmn_password"),

  -- Django's pages: { count, next, previous, results }.
  page = weir.page.next { next = "next" },

  types = {
    -- A station is searched for by its code. A search that finds none or several is an error of that station alone.
    resource = {
      path    = "/search/",
      query   = { q = "{id}" },
      only    = stations,
      lookup  = true,
      records = "results",
      key     = "code",
    },

    -- For each station found, its timeseries.
    timeseries = {
      each    = "resource",
      path    = "/timeseries/",
      query   = { location__name = "{code}" },
      records = "results",
      key     = "uuid",
    },

    -- For each timeseries, what was measured. The answer does not say whose it is: `with` adds that.
    reading = {
      each   = "timeseries",
      path   = "/timeseries/{uuid}/data/",
      with   = { series = "uuid", station = "location" },
      page   = weir.page.whole,
      key    = { "series", "timestamp" },

      -- One watermark stands for all stations, and some send late: so a month is read again, and now and then all.
      cursor = "timestamp", cursor_format = "epoch_ms", since = "start", overlap = "30d", full = "7d",

      -- Each timeseries has its own address, so one request takes one reading. A reading with the same time is
      -- replaced, so one that is sent twice is there once.
      upsert    = { request = "POST /timeseries/{series}/data/", array = true, max = 1 },
      update    = { request = "POST /timeseries/{series}/data/", array = true, max = 1 },
      read_back = "none",
    },
  },
}

return weir.sync {
  datasource = ggmn,
  datatypes  = require "ourwater",
  direction  = "both",
  every      = "1h",
  types      = { "resource", "timeseries", "reading" },
  params     = { base = weir.param.text { default = "https://ggmn.lizard.net/api/v4" } },

  pull = {
    resource = {
      name         = "name",
      resourceType = weir.const "well",
      lng          = function(r) return r.geometry.coordinates[1] end,
      lat          = function(r) return r.geometry.coordinates[2] end,
    },

    timeseries = {
      resource = weir.ref("resource", "location"),
      code     = function(r)
        if not levels[r.code:lower()] then return weir.skip "it is not a groundwater level" end
        return r.code
      end,
    },

    reading = {
      resource   = weir.ref("resource", "station"),
      timeseries = weir.ref("timeseries", "series"),
      datetime   = weir.time("timestamp", { formats = { "epoch_ms" } }),
      -- Where GGMN gives a span instead of a value, its middle.
      value      = weir.number(function(r) return r.value or (tonumber(r.min) + tonumber(r.max)) / 2 end),
    },
  },

  push = {
    reading = {
      when      = function(r) return r.timeseries end,            -- readings of other wells stay here
      series    = weir.link "timeseries",
      timestamp = weir.time("datetime", { formats = { "epoch_ms" } }),
      datetime  = weir.time("datetime", { formats = { "iso" } }), -- in UTC: GGMN takes no other
      value     = weir.text "value",
    },
  },
}
