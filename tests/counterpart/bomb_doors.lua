-- Bombs in the functions of a two-way sync: when, a push function, back, the conflict function, a record's function and
-- a pager's. The run ends by itself with a documented code; other records are not held up; a mended script makes up for
-- it. What is mended: the bomb is gone, and the record goes through.
local bombs = require "bombs"

local SCRIPT = [[
local weir = require "weir"

local bombs = { {{bombs}} }
local function strike(code)
  local bomb = bombs[code:match "%a+ %d+"]
  if bomb then bomb() end
end

return weir.sync {
  datasource = weir.http {
    name = "remote", base = "{{url}}/api",
    page = {{page}},
    types = { well = { path = "/well", key = "id", find = { "code" }, cursor = "updatedAt", cursor_format = "iso",
      since = "since", query = { order = "asc" } } },
  },
  datatypes = {
    well = weir.datatype { key = "code", code = weir.field("text", { required = true }), name = "text", note = "text" },
  },
  direction = "both",
  types = { "well" },
  conflict = {{conflict}},
  pull = { well = {{pull}} },
  push = { well = {{push}} },
}
]]

local harmless = {
  page = 'weir.page.offset { limit = "limit", offset = "offset", size = 3 }',
  conflict = '"fields"',
  pull = '{ code = "code", name = "name" }',
  push = '{ code = "code", name = "name" }',
}

local doors = {
  { name = "when", push = '{ when = function(r) strike(r.code) return true end, code = "code", name = "name" }' },
  { name = "a push function", push = '{ code = "code", name = function(r) strike(r.code) return r.name end }' },
  { name = "a record's push function", push = "function(r) strike(r.code) return { code = r.code, name = r.name } end" },
  { name = "back", push = [[{ code = "code", name = "name",
    back = { note = function(r, reply) strike(r.code) return reply.name end } }]] },
  { name = "a pull function", pull = '{ code = "code", name = function(r) strike(r.code) return r.name end }' },
  { name = "a record's function", pull = "function(r) strike(r.code) return { code = r.code, name = r.name } end" },
  { name = "the conflict function", conflict = "function(base, home, remote) strike(home.code) return home end" },
}

-- One that never ends, one that fills memory, one inside a pcall for ever.
local struck = { bombs.formed("plain", bombs[1]), bombs.formed("pcall_loop", bombs[2]) }
for _, bomb in ipairs(bombs) do
  if bomb.name == "fill" or bomb.name == "own_call" then struck[#struck + 1] = bombs.formed("plain", bomb) end
end

return function(t)
  local remote = t.faulty()
  t.program = "timeout -s KILL 60 " .. t.program
  local function script(door, armed)
    local functions = {}
    for i, bomb in ipairs(armed and struck or {}) do
      functions[i] = ('["here %d"] = function() %s end,'):format(i, bomb)
      functions[i] = functions[i] .. functions[i]:gsub("here", "there", 1) .. functions[i]:gsub("here", "fresh", 1)
    end
    for part, text in pairs(harmless) do t.names[part] = door[part] or text end
    t.names.bombs = table.concat(functions, "\n")
    t.script("doors", t.fill(SCRIPT)) -- filled twice: parts hold no names
  end

  local function equal_sides(what)
    t.equal(t.lines(t.home "well", { "code", "name" }), t.lines(remote.data "well", { "code", "name" }), what)
  end

  -- Both sides have new records; then home changes all, and people there change theirs: those differ on both sides.
  local round = 0
  local function change()
    round = round + 1
    local mine, fresh = {}, {}
    for i = 1, #struck + 1 do
      fresh[i] = { code = ("fresh %d of %d"):format(i, round), name = "fresh" }
      mine[2 * i - 1] = { code = "here " .. i, name = ("mine %d of %d"):format(i, round) }
      mine[2 * i] = { code = "there " .. i, name = ("mine too %d of %d"):format(i, round) }
    end
    if round > 1 then t.put("well", mine) t.put("well", fresh) end
    local edits = {}
    if round == 1 then
      for i = 1, #struck + 1 do edits[i] = { type = "well", create = { code = "there " .. i, name = "new" } } end
    else
      for i, one in ipairs(remote.data "well") do
        if one.code:find "^there" then
          edits[#edits + 1] = { type = "well", update = one.id, set = { name = ("theirs %d of %d"):format(i, round) } }
        end
      end
    end
    remote.edit(table.unpack(edits))
  end

  change()
  script({}, false)
  t.done "doors"
  for _, door in ipairs(doors) do
    change()
    script(door, true)
    local run = t.run "doors"
    t.check(run.code <= 4 and run.status, "%s: ends with %d: %s", door.name, run.code, run.text)
    t.check(run.status == "done" or run.status == "warning" or run.text:find "W%d%d%d%d", "%s: says %s", door.name, run.text)
    t.check(run.dead >= #struck or run.text:find "nothing was taken back", "%s: nothing went off: %s", door.name, run.text)
    io.write(("%s: exit %d, %s, dead %s, pushed %s\n"):format(door.name, run.code, run.status, run.dead, run.pushed))
    script(door, false)
    t.done "doors"
    t.weir "dead retry syncs/org/doors.lua"
    t.done "doors"
    equal_sides(door.name)
  end

  -- The pager belongs to no record: the run fails, and the next one works.
  for _, bomb in ipairs(struck) do
    change()
    script({ page = ("weir.page.custom(function(answer, request) %s end)"):format(bomb) }, true)
    local run = t.run "doors"
    t.check(run.code == 1 and run.text:find "W%d%d%d%d", "a pager ends with %d: %s", run.code, run.text)
    io.write("a pager: ", run.text:match "W%d%d%d%d[^\n]*", "\n")
    script({}, false)
    t.done "doors"
    equal_sides "a pager"
  end
end
