-- The sync that most tests here share: wells, kept in step with the fault server. Each text that is given is put at its
-- place behind what is there already, and so overrides it.
local scripts = {}

local WELLS = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.http {
    name = "remote",
    base = "{{url}}/api",
    page = %PAGE%,
    %HTTP%
    types = {
      well = {
        path = "/well", key = "id", find = { "code" },
        cursor = "updatedAt", cursor_format = "iso", since = "since", query = { order = "asc" },
        %TYPE%
      },
    },
  },
  datatypes = {
    well = weir.datatype {
      key = "code", code = weir.field("text", { required = true }), name = "text", depth = "decimal", note = "text",
    },
  },
  direction = "both",
  types = { "well" },
  pull = { well = { code = "code", name = "name", depth = weir.number "depth" } },
  push = { well = { code = "code", name = "name", depth = weir.number "depth" } },
  %SYNC%
}
]]

function scripts.wells(t, options)
  options = options or {}
  local texts = {
    PAGE = options.page or 'weir.page.offset { limit = "limit", offset = "offset", size = 3 }',
    HTTP = options.http or "",
    TYPE = options.type or "",
    SYNC = options.sync or "",
  }
  local text = WELLS:gsub("%%(%u+)%%", texts)
  t.script(options.name or "wells", text)
end

-- `count` wells there, made by people: w1 … with names and depths.
function scripts.seed(server, count, first)
  local edits = {}
  for i = first or 1, (first or 1) + count - 1 do
    edits[#edits + 1] = { type = "well", create = { code = "w" .. i, name = "Well " .. i, depth = i + 0.5 } }
  end
  server.edit(table.unpack(edits))
end

-- Villages, resources and readings, kept in step with the LegacyMyWell of loopback/server.cjs.
local MYWELL = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.http {
    name = "mywell",
    base = "{{url}}/api",
    auth = weir.auth.login {
      url = "/Users/login", body = { username = weir.secret "user", password = weir.secret "password", ttl = 3600 },
      field = "id", ttl = "ttl", into = "query", name = "access_token",
    },
    page = weir.page.offset { limit = "filter[limit]", offset = "filter[skip]", size = %SIZE% },
    types = {
      village = {
        path = "/villages", key = { "postcode", "id" }, cursor = "updatedAt", cursor_format = "iso",
        since = "filter[where][updatedAt][gte]", query = { ["filter[order]"] = "updatedAt ASC" },
        find = { "postcode", "id" }, match = "filter[where][{field}]", read_back = "find",
        update = "POST /villages/update?where[postcode]={postcode}&where[id]={id}",
      },
      resource = {
        path = "/resources", key = { "postcode", "id" }, cursor = "updatedAt", cursor_format = "iso",
        since = "filter[where][updatedAt][gte]", query = { ["filter[order]"] = "updatedAt ASC" },
        find = { "postcode", "clientId" }, match = "filter[where][{field}]",
        create = "one-at-a-time", update = "PATCH /resources/{id}",
      },
      reading = {
        path = "/readings", key = "id", cursor = "updatedAt", cursor_format = "iso",
        since = "filter[where][updatedAt][gte]", query = { ["filter[order]"] = "updatedAt ASC" },
        find = { "date", "postcode", "resourceId" }, match = "filter[where][{field}]",
        create = { request = "POST /readings", array = true, max = %MAX%, bytes = "100kB" },
        %READING%
      },
    },
  },
  datatypes = {
    village = weir.datatype { key = { "postcode", "number" }, postcode = "text", number = "text", name = "text" },
    resource = weir.datatype {
      postcode = "text", number = "text", owner = "text", kind = "text", lat = "decimal", lng = "decimal",
      village = weir.ref "village",
    },
    reading = weir.datatype {
      key = { "resource", "datetime" },
      resource = weir.field(weir.ref "resource", { required = true }),
      datetime = weir.field("time", { required = true }), value = "decimal", number = "text",
    },
  },
  direction = "both",
  types = { "village", "resource", "reading" },
  pull = {
    village = { postcode = weir.text "postcode", number = weir.text "id", name = "name" },
    resource = {
      postcode = weir.text "postcode", number = weir.text "id", owner = "owner", kind = "type",
      lat = weir.number(weir.path("geo", "lat")), lng = weir.number(weir.path("geo", "lng")),
      village = weir.ref("village", { "postcode", "villageId" }),
    },
    reading = {
      resource = weir.ref("resource", { "postcode", "resourceId" }),
      datetime = weir.time("date", { formats = { "iso" } }), value = weir.number "value", number = weir.text "id",
    },
  },
  push = {
    village = { postcode = weir.number "postcode", id = weir.number "number", name = "name" },
    resource = {
      postcode = weir.number "postcode", owner = "owner", type = "kind",
      geo = function(r) return { lat = r.lat, lng = r.lng } end,
      villageId = weir.link("village", { part = 2 }),
      clientId = function(r) return "weir-" .. r.id end,
      back = { number = function(_, reply) return tostring(reply.id) end },
    },
    reading = {
      date = weir.time("datetime", { formats = { "iso" } }), value = weir.number "value",
      postcode = weir.link("resource", { part = 1 }), resourceId = weir.link("resource", { part = 2 }),
      back = { number = function(_, reply) return tostring(reply.id) end },
    },
  },
  %SYNC%
}
]]

function scripts.mywell(t, server, options)
  options = options or {}
  t.secret("user", server.user)
  t.secret("password", server.password)
  local texts = {
    SIZE = tostring(options.size or 50),
    MAX = tostring(options.max or 500),
    READING = options.reading or "",
    SYNC = options.sync or "",
  }
  t.script("mywell", (MYWELL:gsub("%%(%u+)%%", texts)))
end

-- Two villages, three resources and some readings there, made by people.
function scripts.mywell_seed(server, readings)
  for number, name in pairs { [11] = "Hinta", [12] = "Dharta" } do
    server.api("POST", "/villages", { postcode = 313603, id = number, name = name })
  end
  for number, village in pairs { [1110] = 11, [1111] = 11, [1270] = 12 } do
    server.api("POST", "/resources", { postcode = 313603, id = number, villageId = village, owner = "Owner " .. number,
      type = number == 1270 and "raingauge" or "well", geo = { lat = 24.5, lng = 74.25 } })
  end
  for i = 1, readings or 6 do
    server.api("POST", "/readings", { postcode = 313603, resourceId = ({ 1110, 1111, 1270 })[i % 3 + 1], value = i + 0.25,
      date = ("2018-08-%02dT00:00:00.000Z"):format(i) })
  end
end

scripts.fields = { "code", "name", "depth" }

return scripts
