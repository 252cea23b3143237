-- A file in UTF-16, as spreadsheets write it, resumed in its middle.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.utf16.csv"] = "id,name\nw1,Колодец\nw2,कुआँ\nw3,Brunnen 🜄\nw4,Pozo\nw5,井戸\n",
    ["syncs/org/resources.lua"] = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv { name = "wells", types = { resource = { file = "resources.utf16.csv", key = "id" } } },
  datatypes = require "wells",
  types = { "resource" },
  pull = { resource = { code = "id", name = "name" } },
}
]],
  },
  steps = { { run = "syncs/org/resources.lua" } },

  after = [[
syncs/org/resources.lua: exit 0, done, read 5, created 5

reading
resource
  wells:w1  origin=wells code=w1 name=Колодец
  wells:w2  origin=wells code=w2 name=कुआँ
  wells:w3  origin=wells code=w3 name=Brunnen 🜄
  wells:w4  origin=wells code=w4 name=Pozo
  wells:w5  origin=wells code=w5 name=井戸
]],
}
