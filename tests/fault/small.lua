-- The small job that the fault tests do: two types, a reference, a row that does not fit, a field and a row that wait.
local shell = require "shell"
local small = {}

local script = [[
local weir = require "weir"

return weir.sync {
  datasource = weir.csv {
    name = "wells",
    types = {
      resource = { file = "resources.csv", key = "id" },
      reading = { file = "readings.csv", key = "id" },
    },
  },
  direction = "pull",
  datatypes = {
    resource = weir.datatype { key = "code", code = "text", name = "text" },
    reading = weir.datatype { resource = weir.ref "resource", datetime = "time", value = "decimal", note = "text" },
  },
  types = { "resource", "reading" },
  pull = {
    resource = { code = "id", name = "name" },
    reading = {
      resource = weir.ref("resource", "well"),
      datetime = weir.time "date",
      value = weir.number "value",
      note = function(r) return "from " .. r.well end,
    },
  },
}
]]

function small.lay_out(root, count)
  local rows = { "id,well,date,value" }
  for i = 1, count or 10 do
    rows[#rows + 1] = ("r%d,w%d,2020-01-%02d,%s"):format(i, i % 4, i % 28 + 1, i == 7 and "about 7" or i .. ".50")
  end
  shell.write(root .. "/syncs/org/resources.csv", "id,name\nw0,Old well\nw1,North well\nw2,South well\n")
  shell.write(root .. "/syncs/org/readings.csv", table.concat(rows, "\n") .. "\n")
  shell.write(root .. "/syncs/org/small.lua", script)
end

function small.absolute(path)
  return shell.must("realpath " .. shell.quote(path)):match("[^\n]+")
end

return small
