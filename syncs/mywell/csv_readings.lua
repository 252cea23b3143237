-- Brings readings from a CSV file into OurWater.
--
--   weir run syncs/mywell/csv_readings.lua --param file=readings.csv
--
-- The file has the columns date, pincode, resourceId and value:
--
--   date,pincode,resourceId,value
--   2018/08/06,313603,1111,12.50
--   07/08/2018,313603,1112,9.8
--
-- The resources must be in home, or come later (csv_resources.lua): a reading of an unknown resource waits for it.
-- Running the same file again changes nothing, and a corrected file changes what was corrected.

local weir = require "weir"

local readings = weir.csv {
  name  = "mywell_file",
  file  = weir.param "file",
  types = {
    -- These columns together say which reading a row is.
    reading = { key = { "pincode", "resourceId", "date" } },
  },
}

return weir.sync {
  datasource = readings,
  datatypes  = require "ourwater",
  types      = { "reading" },
  params     = { file = weir.param.file { help = "The readings: a CSV file, a glob, or either with .gz behind it." } },

  pull = {
    reading = {
      -- Resources are known by pincode and number, as the datasource mywell has them.
      resource = weir.ref("resource", { "pincode", "resourceId" }, { datasource = "mywell" }),

      -- Both ways in which people write the date; a day begins when it does in India.
      datetime = weir.time("date", { formats = { "YYYY/MM/DD", "DD/MM/YYYY" }, zone = "Asia/Kolkata" }),

      value = weir.number "value",

      externalIds = function(r)
        return { legacyMyWellPincode = r.pincode, legacyMyWellResourceId = r.resourceId }
      end,

      isLegacy = weir.const(true),
    },
  },

  -- Rows that don't fit are kept aside (`weir dead list`) and the rest goes in; with this many of them something is
  -- wrong with the file itself.
  errors = { stop_after = 1000 },
}
