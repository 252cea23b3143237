-- Plants each mutant of tests/sim/mutants.lua in a copy of the tree, one at a time, and lets the simulator look for it:
--
--   lua5.4 tests/sim/mutate.lua FOLDER [NAME ...]     all, or those whose names have one of these in them
--   lua5.4 tests/sim/mutate.lua --fit                 builds nothing: does each stand for a line that is there once?
--
-- FOLDER is where the copy is built (kept, so that the next time is quick). Prints the first seed that finds each and
-- what it says. Ends with 1 when one is not found, or when the tree as it stands is not clean.
local here = arg[0]:match("^(.*)/tests/sim/[^/]*$") or "."
package.path = here .. "/tests/support/?.lua;" .. here .. "/tests/sim/?.lua;" .. package.path
local shell = require "shell"
local mutants = require "mutants"
here = shell.must("realpath " .. shell.quote(here)):match("[^\n]+")

local SEEDS = 1000
local PARTS = { "CMakeLists.txt", "CMakePresets.json", "cmake", "src", "lua", "tests", "tools" }

local function fail(...)
  io.stderr:write(string.format(...), "\n")
  os.exit(1)
end

-- The whole file and where in it the mutant's line stands; nil when it isn't there exactly once.
local function find(root, mutant)
  local whole = shell.read(root .. "/" .. mutant.file)
  local first, last = whole:find(mutant.from, 1, true)
  if not first or whole:find(mutant.from, first + 1, true) then return nil end
  return whole, first, last
end

local function check_fit()
  local names, wrong = {}, 0
  for _, mutant in ipairs(mutants) do
    local why = names[mutant.name] and "the name is there twice"
      or not shell.exists(here .. "/" .. mutant.file) and mutant.file .. " is not there"
      or mutant.from == mutant.to and "it changes nothing"
      or not find(here, mutant) and "its line is not there exactly once in " .. mutant.file
    names[mutant.name] = true
    if why then
      wrong = wrong + 1
      print(("%s: %s"):format(mutant.name, why))
    end
  end
  if wrong > 0 then fail("%d of %d mutants don't fit the tree", wrong, #mutants) end
  print(("%d mutants, and each fits"):format(#mutants))
end

-- Only what differs is copied, so that only that is built again.
local function copy(tree)
  for _, part in ipairs(PARTS) do
    local from, to = here .. "/" .. part, tree .. "/" .. part
    if shell.exists(to) then
      local code = shell.run(("diff -rq %s %s"):format(shell.quote(from), shell.quote(to)))
      local is_file = shell.run("test -f " .. shell.quote(from)) == 0
      if code ~= 0 and is_file then
        shell.must(("cp %s %s"):format(shell.quote(from), shell.quote(to)))
      elseif code ~= 0 then
        shell.must(("cd %s && find . -type f -exec sh -c 'for f; do cmp -s \"$f\" %s/\"$f\" || "):format(
          shell.quote(from), shell.quote(to)) ..
          ("install -D -m 644 \"$f\" %s/\"$f\"; done' sh {} +"):format(shell.quote(to)))
        shell.must(("cd %s && find . -type f -exec sh -c 'for f; do test -e %s/\"$f\" || rm \"$f\"; done' sh {} +"):format(
          shell.quote(to), shell.quote(from)))
      end
    else
      shell.must(("cp -R %s %s"):format(shell.quote(from), shell.quote(to)))
    end
  end
end

-- A mutant leaves variables and functions that nobody uses: warnings are off.
local function configure(tree, build)
  local code, text = shell.run(
    ("cmake -S %s -B %s -G Ninja -DCMAKE_BUILD_TYPE=Debug '-DCMAKE_C_FLAGS=-O1 -w' -DWEIR_FAULTS=ON"):format(
      shell.quote(tree), shell.quote(build)))
  if code ~= 0 then fail("%s", text) end
end

local function compile(build)
  local code, text = shell.run(("cmake --build %s --target weir-sim"):format(shell.quote(build)))
  return code == 0, text
end

-- By one process, so that it is the lowest seed that is told.
local function look(build)
  local code, text = shell.run(("cd %s && tests/weir-sim --seeds 1-%d --first --jobs 1"):format(shell.quote(build), SEEDS))
  return code, text:match("(seed[^\n]*)") or text
end

-- Gives what the first seed says, nil when none does.
local function hunt(mutant, tree, build)
  local whole, first, last = find(tree, mutant)
  if not whole then fail("%s: its line is not there exactly once in %s", mutant.name, mutant.file) end
  local path = tree .. "/" .. mutant.file
  shell.write(path, whole:sub(1, first - 1) .. mutant.to .. whole:sub(last + 1))
  local built, words = compile(build)
  local code, text = 2, nil
  if built then code, text = look(build) end
  shell.write(path, whole)
  if not built then fail("%s does not build: %s", mutant.name, words) end
  if code ~= 0 and code ~= 1 then fail("%s: weir-sim ended with %d: %s", mutant.name, code, text) end
  return code == 1 and text or nil
end

local function is_wanted(mutant, words)
  for _, word in ipairs(words) do
    if mutant.name:find(word, 1, true) then return true end
  end
  return #words == 0
end

if arg[1] == "--fit" then
  check_fit()
  os.exit(0)
end

local folder = assert(arg[1], "where to build?")
shell.must("mkdir -p " .. shell.quote(folder .. "/tree"))
folder = shell.must("realpath " .. shell.quote(folder)):match("[^\n]+")
local tree, build = folder .. "/tree", folder .. "/build"
copy(tree)
configure(tree, build)
local built, words = compile(build)
if not built then fail("the tree does not build: %s", words) end
local code, text = look(build)
if code ~= 0 then fail("the tree as it stands is not clean, so nothing is proven: %s", text) end

local wanted = table.move(arg, 2, #arg, 1, {})
local tried, lives, largest = 0, 0, 0
for _, mutant in ipairs(mutants) do
  if is_wanted(mutant, wanted) then
    local says = hunt(mutant, tree, build)
    tried = tried + 1
    lives = lives + (says and 0 or 1)
    largest = math.max(largest, tonumber((says or ""):match("^seed (%d+)")) or 0)
    print(("%-44s %s"):format(mutant.name, says or "LIVES: no seed to " .. SEEDS .. " finds it"))
    io.flush()
  end
end
if tried == 0 then fail("there is no mutant of that name") end
print(("%d mutants, %d found, the last one by seed %d"):format(tried, tried - lives, largest))
if lives > 0 then os.exit(1) end
