-- Plants each mutant of tests/sim/mutants.lua in a copy of the tree, one at a time, and lets the simulator look for it:
--
--   lua5.4 tests/sim/mutate.lua FOLDER [SEEDS] [NAME ...]
--
-- FOLDER is where the copy is built (kept, so that the next time is quick). Prints the first seed that finds each and
-- what it says. Ends with 1 when one is not found, or when the tree as it stands is not found clean.
local here = arg[0]:match("^(.*)/tests/sim/[^/]*$") or "."
package.path = here .. "/tests/support/?.lua;" .. here .. "/tests/sim/?.lua;" .. package.path
local shell = require "shell"
local mutants = require "mutants"

local folder = assert(arg[1], "where to build?")
local seeds = tonumber(arg[2] or "") or 1000
local wanted = {}
for i = tonumber(arg[2] or "") and 3 or 2, #arg do wanted[arg[i]] = true end

shell.must("mkdir -p " .. shell.quote(folder))
folder = shell.must("realpath " .. shell.quote(folder)):match("[^\n]+")
local tree, build = folder .. "/tree", folder .. "/build"

-- Only what changed is copied, so that only that is built again.
local function copy()
  shell.must(("mkdir -p %s && rm -rf %s/new && mkdir %s/new"):format(tree, folder, folder))
  for _, name in ipairs { "CMakeLists.txt", "CMakePresets.json", "cmake", "src", "lua", "tests", "tools" } do
    shell.must(("cp -a %s/%s %s/new/"):format(here, name, folder))
  end
  local _, list = shell.run(("cd %s/new && find . -type f"):format(folder))
  for file in list:gmatch("[^\n]+") do
    if shell.run(("cmp -s %s/new/%s %s/%s"):format(folder, file, tree, file)) ~= 0 then
      shell.must(("mkdir -p \"$(dirname %s/%s)\" && cp %s/new/%s %s/%s"):format(tree, file, folder, file, tree, file))
    end
  end
  shell.must(("rm -rf %s/new"):format(folder))
end

local function compile()
  local code, text = shell.run(("cmake --build %s --target weir-sim"):format(build))
  return code == 0, text
end

local function look()
  local code, text = shell.run(("cd %s && tests/weir-sim --seeds 1-%d --first"):format(build, seeds))
  return code, text:match("(seed[^\n]*)") or text
end

local function fail(...)
  io.stderr:write(string.format(...), "\n")
  os.exit(1)
end

copy()
local code, text = shell.run(("cmake -S %s -B %s -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DWEIR_FAULTS=ON"):format(
  tree, build))
if code ~= 0 then fail("%s", text) end
local built, words = compile()
if not built then fail("the tree does not build: %s", words) end
code, text = look()
if code ~= 0 then fail("the tree as it stands is not clean: %s", text) end

local missed = 0
for _, mutant in ipairs(mutants) do
  local name, file, from, to = mutant[1], mutant[2], mutant[3], mutant[4]
  if next(wanted) == nil or wanted[name] then
    local path = tree .. "/" .. file
    local whole = shell.read(path)
    local first, last = whole:find(from, 1, true)
    if not first or whole:find(from, last + 1, true) then fail("%s: the line is not there once in %s", name, file) end
    shell.write(path, whole:sub(1, first - 1) .. to .. whole:sub(last + 1))
    built, words = compile()
    code, text = 2, nil
    if built then code, text = look() end
    shell.write(path, whole)
    if not built then fail("%s does not build: %s", name, words) end
    print(("%-42s %s"):format(name, code == 1 and text or "NOT FOUND within " .. seeds .. " seeds"))
    if code ~= 1 then missed = missed + 1 end
  end
end
if missed > 0 then fail("%d mutants live", missed) end
