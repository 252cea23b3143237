-- Brings resources (wells, rain gauges, check dams) from a CSV file into OurWater.
--
--   weir run syncs/mywell/csv_resources.lua --param file=resources.csv
--
-- The file has the columns postcode, id, type, lat, lng and owner; name may be there too:
--
--   postcode,id,name,type,lat,lng,owner
--   313603,1111,Temple well,well,24.585,73.712,Asha
--   313603,1170,,raingauge,24.59,73.70,

local weir = require "weir"

-- The same name as MyWell itself has: who refers to a resource by MyWell's ids finds these.
local resources = weir.csv {
  name  = "mywell",
  file  = weir.param "file",
  types = {
    resource = { key = { "postcode", "id" } },
  },
}

return weir.sync {
  datasource = resources,
  datatypes  = require "ourwater",
  types      = { "resource" },
  params     = { file = weir.param.file { help = "The resources: a CSV file." } },

  pull = {
    resource = {
      postcode     = weir.text,
      number       = weir.text "id",
      name         = weir.text,
      resourceType = weir.map("type", { well = "well", raingauge = "raingauge", checkdam = "checkdam" }),
      lat          = weir.number,
      lng          = weir.number,
      owner        = weir.text,

      externalIds = function(r)
        return {
          legacyMyWellId         = r.postcode .. "." .. r.id,
          legacyMyWellPincode    = r.postcode,
          legacyMyWellResourceId = r.id,
        }
      end,
    },
  },
}
