-- What people get wrong: one clear message each, the documented exit code, home untouched.
-- lua5.4 tests/fault/mistakes.lua WEIR
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local small = require "small"

local weir = small.absolute(arg[1])
local root = shell.folder()
local db = root .. "/data/org/home.db"
small.lay_out(root)

local function fail(...)
  io.stderr:write(string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

local function run(words, before)
  return shell.run(("cd %s && %s exec %s %s"):format(root, before or "", weir, words))
end

local code, text = run("run syncs/org/small.lua --data data --quiet")
if code ~= 0 then fail("the whole run ends with %d: %s", code, text) end
local whole = home.raw(db)

-- words of the command, exit code, what must be said
local function expect(what, words, exit, code_text, ...)
  local got, said = run(words)
  if got ~= exit then fail("%s: exits with %d, not %d: %s", what, got, exit, said) end
  if not said:find(code_text, 1, true) then fail("%s: does not say %s: %s", what, code_text, said) end
  for _, also in ipairs { ... } do
    if not said:find(also, 1, true) then fail("%s: does not say '%s': %s", what, also, said) end
  end
  local _, count = said:gsub("W%d%d%d%d", "")
  if count ~= 1 then fail("%s: %d errors instead of one: %s", what, count, said) end
  if home.raw(db) ~= whole then fail("%s: home was touched", what) end
  print(("%-28s exit %d  %s"):format(what, got, said:match("[^\n]*")))
end

local function script(name, change)
  local source = shell.read(root .. "/syncs/org/small.lua")
  shell.write(root .. "/syncs/org/" .. name .. ".lua", change(source))
  return "run syncs/org/" .. name .. ".lua --data data"
end

expect("no such script", "run syncs/org/nothing.lua --data data", 3, "W1003", "nothing.lua")
expect("a syntax error", script("syntax", function(s) return s .. "\nthis is not Lua" end), 3, "W2001", "syntax.lua")
expect("a misspelt option", script("misspelt", function(s) return (s:gsub("direction", "directon")) end), 3, "W2005",
  "did you mean", "direction")
expect("an unknown command", "rum", 2, "W1002", "run")
expect("an unknown parameter", "run syncs/org/small.lua --param file=x --data data", 3, "W2009", "file")

os.rename(root .. "/syncs/org/readings.csv", root .. "/elsewhere.csv")
expect("a missing file", "run syncs/org/small.lua --data data", 1, "W1003", "readings.csv")

-- A folder that can't be: a file stands in its place.
shell.write(root .. "/taken", "")
code, text = run("run syncs/org/small.lua --data taken/data")
if code ~= 4 or not text:find("W5001", 1, true) then fail("a folder that can't be made: exit %d: %s", code, text) end
print("a folder that can't be made exit 4  " .. text:match("[^\n]*"))

-- Homes that are not what they should be.
local function home_of(name, line)
  shell.must(("mkdir -p %s/%s/org && %s"):format(root, name, line:gsub("HOME", root .. "/" .. name .. "/org/home.db")))
  local before = shell.must(("md5sum %s/%s/org/home.db"):format(root, name))
  return function(what, said)
    code, text = run("run syncs/org/small.lua --data " .. name)
    if code ~= 4 or not text:find(said, 1, true) then fail("%s: exit %d: %s", what, code, text) end
    if before ~= shell.must(("md5sum %s/%s/org/home.db"):format(root, name)) then fail("%s: home was touched", what) end
    print(("%-28s exit %d  %s"):format(what, code, text:match("[^\n]*")))
  end
end
home_of("newer", "sqlite3 -readonly " .. db .. " '.backup HOME' && sqlite3 HOME 'PRAGMA journal_mode=DELETE; PRAGMA user_version=999'")(
  "a home of a newer weir", "W5002")
home_of("text", "echo 'this is a text and no database, long enough to be read as one.' >HOME")("a text for a home", "W5005")
home_of("cut", "sqlite3 -readonly " .. db .. " '.backup HOME' && sqlite3 HOME 'PRAGMA journal_mode=DELETE' && truncate -s 5000 HOME")(
  "a home cut short", "W5005")
shell.must("rm -rf " .. root)
