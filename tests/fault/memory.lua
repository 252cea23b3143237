-- Makes each allocation of a run fail in turn, and all after it: lua5.4 tests/fault/memory.lua WEIR LIBRARY
--
-- Whatever fails, the run ends with a documented exit code and never by a signal, home stays usable, and the next run
-- comes to the same end. The first allocations are all tried, those after them in growing steps; WEIR_FAULT_ALL=1
-- tries every one.
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local small = require "small"

local weir, library = small.absolute(arg[1]), small.absolute(arg[2])
local root = shell.folder()
local db = root .. "/data/org/home.db"
local every = os.getenv("WEIR_FAULT_ALL") ~= nil
small.lay_out(root)

local function run(plan)
  return shell.run(("cd %s && WEIR_PAGE=4 %s exec %s run syncs/org/small.lua --data data --quiet"):format(root,
    plan and ("WEIR_MEMORY='%s' LD_PRELOAD=%s"):format(plan, library) or "", weir))
end

local function fail(...)
  io.stderr:write(string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

local code, text = run("count " .. root .. "/count")
if code ~= 0 then fail("the whole run ends with %d: %s", code, text) end
local count = tonumber(shell.read(root .. "/count"))
local expected = home.dump(db)
if not count or count < 100 then fail("only %s allocations were counted: is the library loaded?", tostring(count)) end

-- Runs with a plan from nothing, then without one, and looks.
local failed, survived = 0, 0
local function try(plan)
  shell.must("rm -rf " .. root .. "/data")
  code, text = run(plan)
  if code > 6 then fail("WEIR_MEMORY='%s': ended with %d: %s", plan, code, text) end
  if code == 0 then survived = survived + 1 else failed = failed + 1 end
  if code ~= 0 and not text:find("%S") then fail("WEIR_MEMORY='%s': ended with %d and said nothing", plan, code) end
  if code ~= 0 then
    code, text = run()
    if code ~= 0 then fail("WEIR_MEMORY='%s': the run after it ends with %d: %s", plan, code, text) end
  end
  local now = home.dump(db)
  if now ~= expected then fail("WEIR_MEMORY='%s': home is\n%s\nand not\n%s", plan, now, expected) end
end

local all = every and count or math.min(count, 250)
for n = 1, all do try(tostring(n)) end
local step = math.max(1, (count - all) // 120)
for n = all + 1, count, every and 1 or step do try(tostring(n)) end
for n = 1, count, every and 7 or math.max(1, count // 80) do try(n .. "+") end
if failed == 0 then fail("no failed allocation made a run fail: the checker is broken") end
shell.must("rm -rf " .. root)
print(("%d allocations: %d runs failed cleanly, %d got along without"):format(count, failed, survived))
