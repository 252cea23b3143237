-- A quote that is never closed does not swallow the rest of the file.
local wells = require "wells"

return {
  files = wells {
    ["syncs/org/resources.csv"] = 'id,name\nw1,North well\nw2,"South well\nw3,East well\nw4,West well\nw5,Old well\n',
  },
  steps = {
    { run = "syncs/org/resources.lua" },
    {
      run = "syncs/org/resources.lua",
      files = { ["syncs/org/resources.csv"] = "id,name\nw1,North well\nw2,South well\nw3,East well\n" },
    },
  },

  after = [[
syncs/org/resources.lua: exit 0, done, read 5, created 4, dead 1
syncs/org/resources.lua: exit 0, done, read 3, created 1, unchanged 2

reading
resource
  wells:w1  origin=wells code=w1 name=North well
  wells:w2  origin=wells code=w2 name=South well
  wells:w3  origin=wells code=w3 name=East well
  wells:w4  origin=wells code=w4 name=West well
  wells:w5  origin=wells code=w5 name=Old well
dead
  resource #5c8ad4da20d0e66c68747955b9684c59 W3004 at resources.csv line 3, column name: line 3, column 2: the quote that opens the field is not closed; reading went on with the next line
]],
}
