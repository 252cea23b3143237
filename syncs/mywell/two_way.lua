-- Keeps OurWater and LegacyMyWell in step, both ways: villages, resources (wells, rain gauges, check dams), readings.
--
--   weir run syncs/mywell/two_way.lua
--
-- Each run first takes what changed in MyWell, then sends what changed in OurWater. When nothing changed it writes
-- nothing, on neither side. Before the first run, put MyWell's user and password into the files
-- DATA/secrets/mywell/mywell_user and DATA/secrets/mywell/mywell_password (mode 0600).

local weir = require "weir"

local mywell = weir.http {
  -- The name under which home remembers MyWell's ids. csv_resources.lua has the same one, and so shares them.
  name = "mywell",
  base = weir.param "base",

  -- POST /Users/login answers { id, ttl }; from then on every request carries ?access_token=ID. A token that has
  -- expired is renewed.
  auth = weir.auth.login {
    url   = "/Users/login",
    body  = { username = weir.secret "mywell_user", password = weir.secret "mywell_password" },
    field = "id",
    ttl   = "ttl",
    into  = "query",
    name  = "access_token",
  },

  -- Answers are bare lists without a total: a page that is not full is the last one.
  page = weir.page.offset { limit = "filter[limit]", offset = "filter[skip]", size = 500 },

  types = {
    -- MyWell says village for group. One is known by its pincode and its number together.
    group = {
      path   = "/villages",
      key    = { "postcode", "id" },
      cursor = "updatedAt", cursor_format = "iso", since = "filter[where][updatedAt][gte]",
      query  = { ["filter[order]"] = "updatedAt ASC" },   -- what changes meanwhile moves to the end
      update = "POST /villages/update?where[postcode]={postcode}&where[id]={id}",
      find   = { "postcode", "id" }, match = "filter[where][{field}]", read_back = "find",   -- answers are not whole
    },

    resource = {
      path   = "/resources",
      key    = { "postcode", "id" },
      cursor = "updatedAt", cursor_format = "iso", since = "filter[where][updatedAt][gte]",
      query  = { ["filter[order]"] = "updatedAt ASC" },

      -- MyWell gives a new resource its number out of a small pool, and two that are made at once may get the same.
      -- It also tells people of each new one; so one whose answer was lost is looked up and never sent again.
      create = "one-at-a-time",
      update = "POST /resources/updateResourceByIdAndPostcode",
      find   = { "postcode", "clientId" }, match = "filter[where][{field}]",
      one    = "/resources?filter[where][postcode]={postcode}&filter[where][id]={id}", read_back = "one",
    },

    reading = {
      path   = "/readings",
      key    = "id",
      cursor = "updatedAt", cursor_format = "iso", since = "filter[where][updatedAt][gte]",
      query  = { ["filter[order]"] = "updatedAt ASC" },

      -- MyWell takes no more than 100 kB at once. One bad reading makes it refuse the whole request though it has kept
      -- the good ones: those are found by date and resource, and only the others are sent again.
      create = { request = "POST /readings", array = true, max = 500, bytes = "95kB", order = true },
      find   = { "date", "postcode", "resourceId" }, match = "filter[where][{field}]", read_back = "one",
    },
  },
}

-- The corners of an area around a point, a tenth of a degree away: how OurWater draws a village.
local function diamond(point)
  if not point then return nil end
  local lat, lng = point.lat, point.lng
  return weir.list {
    { lat = lat + 0.1, lng = lng }, { lat = lat, lng = lng + 0.1 },
    { lat = lat - 0.1, lng = lng }, { lat = lat, lng = lng - 0.1 },
  }
end

-- The ids that OurWater keeps of a resource of MyWell, all of them texts.
local function resource_ids(r)
  return {
    legacyMyWellId         = r.postcode .. "." .. r.id,
    legacyMyWellPincode    = tostring(r.postcode),
    legacyMyWellResourceId = tostring(r.id),
    legacyMyWellVillageId  = r.villageId and tostring(r.villageId) or nil,
  }
end

return weir.sync {
  datasource = mywell,
  datatypes  = require "ourwater",
  direction  = "both",
  every      = "15m",
  types      = { "group", "resource", "reading" },   -- in this order: a reading refers to its resource
  params     = { base = weir.param.text { default = "https://mywell-server.vessels.tech/api" } },

  -- From MyWell: OurWater's field = where it comes from.
  pull = {
    group = {
      type        = weir.const "village",
      code        = function(r) return r.postcode .. "." .. r.id end,
      name        = "name",
      coords      = function(r) return diamond(r.coordinates) end,
      externalIds = function(r)
        return {
          legacyMyWellId        = r.postcode .. "." .. r.id,
          legacyMyWellPincode   = tostring(r.postcode),
          legacyMyWellVillageId = tostring(r.id),
        }
      end,
    },

    resource = {
      postcode     = weir.text "postcode",
      number       = weir.text "id",
      resourceType = "type",
      lat          = weir.number(weir.path("geo", "lat")),
      lng          = weir.number(weir.path("geo", "lng")),
      owner        = "owner",
      externalIds  = resource_ids,
    },

    reading = {
      resource    = weir.ref("resource", { "postcode", "resourceId" }),
      datetime    = weir.time "date",
      value       = weir.number "value",
      externalIds = function(r)
        return { legacyMyWellId = tostring(r.id), legacyMyWellPincode = tostring(r.postcode) }
      end,
      -- Old readings carry dates like 1900-01-01, which stand for no date at all. They are kept aside with this reason.
      isLegacy    = function(r)
        if r.date < "1950" then error("the date " .. r.date .. " stands for none", 0) end
        return true
      end,
    },
  },

  -- To MyWell: its field = where it comes from in OurWater.
  push = {
    group = {
      when     = function(r) return r.type == "village" end,   -- MyWell has no pincode groups
      postcode = function(r) return math.tointeger(tonumber(r.code:match "^(%d+)%.")) end,
      id       = function(r) return math.tointeger(tonumber(r.code:match "%.(%d+)$")) end,
      name     = "name",
    },

    resource = {
      -- A resource that knows its pincode can go. One that has no number yet gets one from MyWell.
      when       = function(r) return r.externalIds and r.externalIds.legacyMyWellPincode end,
      clientId   = function(r) return "ourwater-" .. r.id end,
      postcode   = weir.number(function(r) return r.externalIds.legacyMyWellPincode end),
      villageId  = weir.number(function(r) return r.externalIds.legacyMyWellVillageId end),
      id         = weir.number "number",
      type       = "resourceType",
      owner      = "owner",
      geo        = function(r) return { lat = r.lat, lng = r.lng } end,

      -- What MyWell's answer gives back: the number that it chose.
      back = {
        postcode    = weir.text "postcode",
        number      = weir.text "id",
        externalIds = function(_, reply) return resource_ids(reply) end,
      },
    },

    reading = {
      date       = weir.time "datetime",
      value      = weir.number "value",
      postcode   = weir.link("resource", { part = 1, number = true }),   -- of the id by which MyWell knows the resource
      resourceId = weir.link("resource", { part = 2, number = true }),
      back       = {
        externalIds = function(_, reply)
          return { legacyMyWellId = tostring(reply.id), legacyMyWellPincode = tostring(reply.postcode) }
        end,
      },
    },
  },

  -- Where both sides changed a record, each keeps its own changes; of a field that both changed MyWell's wins, and
  -- `weir conflicts list` has the other.
  conflict = "fields",

  -- Records that can't be right are kept aside (`weir dead list mywell`) and the rest goes on. A first run meets a few
  -- hundred of them among MyWell's old readings.
  errors = { retry = 5, stop_after = 1000 },
}
