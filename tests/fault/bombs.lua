-- Scripts that try to hang, fill or crash weir, at every door where a script of a CSV file runs: the program ends with
-- a documented code and one clear error, never by a signal, and the next run works. What a record's function does is
-- that record's own: it is a dead letter, and the others go in.
-- lua5.4 tests/fault/bombs.lua WEIR
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local small = require "small"
local bombs = require "bombs"

local weir = small.absolute(arg[1])
local root = shell.folder()
local db = root .. "/data/org/home.db"
small.lay_out(root)

local function fail(...)
  io.stderr:write(string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

-- KILL, since weir takes TERM for a wish and a script that hangs never gets to it. What takes a minute hangs.
local HANG = 60

local function run(words)
  local code, text = shell.run(("cd %s && ulimit -v 600000 && timeout -s KILL %d %s %s --data data"):format(root, HANG, weir,
    words))
  if code > 127 then fail("weir %s ended by signal %d%s: %s", words, code - 128, code == 137 and ", it hangs" or "", text) end
  return code, text
end

local function good(after)
  local code, text = run "run syncs/org/small.lua --quiet"
  if code ~= 0 then fail("after %s a good run ends with %d: %s", after, code, text) end
end

-- --- while the script is loaded: nothing was begun, home is as it was ---

local CODES = { time = "W2003", memory = "W2004", missing = "W1003", raised = "W2002" }

local doors = {
  { name = "the script", file = "syncs/org/bad.lua", text = "local function bomb() %s end\nbomb()\n" },
  { name = "a module", file = "syncs/org/helper.lua", text = "local function bomb() %s end\nbomb()\nreturn {}\n",
    script = 'local helper = require "helper"\n' },
  { name = "a datatypes module", file = "syncs/datatypes/shapes.lua",
    text = "local function bomb() %s end\nbomb()\nreturn {}\n", script = 'local shapes = require "shapes"\n' },
}

-- In the bare form a bomb ends with its own code. A form that catches ends with its own error, or by its steps.
local function may_end(form, bomb, text)
  if form == "pcall_loop" then return text:find("W2003", 1, true) or text:find("stack overflow", 1, true) end
  if form == "pcall" then return text:find("W200[234]") end
  return text:find(CODES[bomb.ends], 1, true)
end

good "nothing"
local whole = home.raw(db)
local function loaded(door, form, bomb)
  local what = ("%s in %s, %s"):format(bomb.name, door.name, form)
  if door.script then shell.write(root .. "/syncs/org/bad.lua", door.script) end
  shell.write(root .. "/" .. door.file, (door.text:gsub("%%s", function() return bombs.formed(form, bomb) end)))
  local code, text = run "run syncs/org/bad.lua --quiet"
  local _, errors = text:gsub("W%d%d%d%d", "")
  if code ~= 3 then fail("%s: exits with %d: %s", what, code, text) end
  if errors ~= 1 or not may_end(form, bomb, text) then fail("%s: says %s", what, text) end
  -- What a module does inside C has only the line that requires it.
  if not text:find(door.file .. ":%d") and not text:find "syncs/org/bad.lua:%d" then fail("%s: does not say where: %s", what, text) end
  if #text > 2000 or text:find("[%z\1-\9\11-\31\127\255]") then fail("%s: floods: %s", what, text) end
  if home.raw(db) ~= whole then fail("%s: home was touched", what) end
end

local forms = bombs.form_names
for i, bomb in ipairs(bombs) do
  loaded(doors[i % #doors + 1], forms[i % #forms + 1], bomb)
end
for i, door in ipairs(doors) do
  loaded(door, "plain", bombs[(i * 7) % #bombs + 1])
end
loaded(doors[1], "pcall_loop", bombs.slow[1])
good "bombs while loading"
print(("%d bombs while a script is loaded"):format(#bombs + #doors + 1))

-- --- in the functions of records: one record a bomb ---

local SCRIPT = [[
local weir = require "weir"

local bombs = {
%s}
local function strike(r)
  local bomb = bombs[r.id]
  if bomb then bomb(r) end
end

return weir.sync {
  datasource = weir.csv { name = "bombs", types = { thing = { file = "things.csv", key = "id" } } },
  datatypes = { thing = weir.datatype { key = "code", code = "text", note = "text", more = "json" %s } },
  types = { "thing" },
  pull = { thing = %s },
}
]]

local fields = '{ code = "id", note = function(r) strike(r) return "fine" end }'
local record = 'function(r) strike(r) return { code = r.id, note = "fine" } end'
local derived = ', derive = { note = function(r) strike { id = r.code } return "fine" end }'

-- Answers that are bombs themselves, for functions of records.
local answers = {
  { name = "laughs", "local t = {} for i = 1, 60 do t = { a = t, b = t } end return { code = r.id, more = t }" },
  { name = "deep", "local t = {} for i = 1, 1e5 do t = { t = t } end return { code = r.id, more = t }" },
  { name = "cycle", "local t = {} t.t = t return { code = r.id, more = t }" },
  { name = "wide", "local t = {} for i = 1, 3e5 do t['k' .. i] = i end return { code = r.id, more = t }" },
  { name = "many", "local l = {} for i = 1, 1e6 do l[i] = r end return l" },
  { name = "one_in_many", "local t = weir.list {} for i = 1, 1e6 do t[i] = t end return { code = r.id, more = t }" },
  { name = "texts",
    "local s, l = ('x'):rep(20 << 20), weir.list {} for i = 1, 1e3 do l[i] = s end return { code = r.id, more = l }" },
  { name = "skip", "return weir.skip(('x'):rep(20 << 20))" },
}

-- Runs a script whose record i meets bomb i; every second record meets none.
local function struck(name, list, pull, derive)
  local rows, functions = { "id" }, {}
  for i, bomb in ipairs(list) do
    rows[#rows + 1] = "b" .. i
    rows[#rows + 1] = "good" .. i
    functions[i] = ("  b%d = function(r) %s end,\n"):format(i, bombs.formed(bomb.form or "plain", bomb))
  end
  shell.write(root .. "/syncs/org/things.csv", table.concat(rows, "\n") .. "\n")
  shell.write(root .. "/syncs/org/things.lua", SCRIPT:format(table.concat(functions), derive or "", pull))
  shell.must(("rm -rf %s/data"):format(root))
  local code, text = run "run syncs/org/things.lua --json --quiet"
  local summary = shell.summary(text) or fail("%s: no summary: %s", name, text)
  return code, text, summary
end

local function dead_of(summary)
  local found = {}
  for _, row in ipairs(home.queries(db, { "SELECT external, code, place, reason FROM weir_dead" })[1]) do
    found[row[1]] = { code = row[2], place = row[3], reason = row[4] }
  end
  return found, summary
end

local ENDS = { time = "W2003", memory = "W2004", missing = "W1003", raised = "W4008" }
local function dead_each(name, list, pull)
  local code, text, summary = struck(name, list, pull)
  if code ~= 1 and code ~= 0 then fail("%s: exits with %d: %s", name, code, text) end
  if summary.created ~= #list then fail("%s: %s of %d good records came: %s", name, summary.created, #list, text) end
  local dead = dead_of(summary)
  for i, bomb in ipairs(list) do
    local one = dead["b" .. i] or fail("%s: %s is no dead letter: %s", name, bomb.name, text)
    if bomb.ends and not one.code:find(ENDS[bomb.ends], 1, true) then
      fail("%s: %s ends with %s: %s", name, bomb.name, one.code, one.reason)
    end
    if #one.reason > 2000 then fail("%s: %s says too much", name, bomb.name) end
  end
  good(name)
  print(("%d bombs in %s: dead letters all, exit %d"):format(#list, name, code))
end

local function some(step, first)
  local list = {}
  for i = first, #bombs, step do list[#list + 1] = bombs[i] end
  return list
end

local most = some(2, 1)
most[#most + 1] = bombs.slow[2]
dead_each("a field's function", most, fields)
dead_each("a record's function", some(4, 2), record)
-- Answers: a wide record is a record, one that is left out is left out, the others are dead letters.
local _, text, summary = struck("answers", answers, "function(r) local b = bombs[r.id] " ..
  'if b then return b(r) end return { code = r.id, note = "fine" } end')
if summary.created ~= #answers + 1 or summary.skipped ~= 1 or summary.dead ~= #answers - 2 then fail("answers: %s", text) end
good "answers"

-- A derived field that can't be computed stays empty, and its record is there all the same.
local some_of = some(4, 4)
_, text, summary = struck("a derived field", some_of, '{ code = "id" }', derived)
local fine = home.queries(db, { "SELECT count(*) FROM thing WHERE note = 'fine'" })[1][1][1]
if summary.created ~= 2 * #some_of or tonumber(fine) ~= #some_of then fail("a derived field: %s fine, %s", fine, text) end
good "a derived field"
print(("%d answers, %d bombs in a derived field"):format(#answers, #some_of))
shell.must("rm -rf " .. root)
