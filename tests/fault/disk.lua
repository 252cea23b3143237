-- Fills the disk at many places of a run: lua5.4 tests/fault/disk.lua WEIR
--
-- First by a limit on the size of files, which works everywhere; then, where this account may mount one, on a small
-- file system of its own. Each time: one clear error, home usable, and the next run comes to the same end.
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. arg[0]:match("^(.*)/") .. "/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local small = require "small"

local weir = small.absolute(arg[1])
local root = shell.folder()
small.lay_out(root, 3000)

local function fail(...)
  io.stderr:write(string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

local function run(data, before)
  return shell.run(("cd %s && WEIR_PAGE=100 && export WEIR_PAGE && %s exec %s run syncs/org/small.lua --data %s --quiet")
    :format(root, before or "", weir, data))
end

local function check(what, code, text)
  if code < 1 or code > 6 then fail("%s: ended with %d: %s", what, code, text) end
  if not text:find("W50%d%d") and not text:find("W1005") then fail("%s: does not say what is wrong: %s", what, text) end
end

local code, text = run("whole")
if code ~= 0 then fail("the whole run ends with %d: %s", code, text) end
local expected = home.dump(root .. "/whole/org/home.db")
local size = #shell.read(root .. "/whole/org/home.db") // 512

-- SIGXFSZ is ignored, so that a write past the limit is an error as on a full disk.
local tries = 0
for blocks = 8, size + 400, math.max(8, (size + 400) // 24) do
  shell.must("rm -rf " .. root .. "/data")
  code, text = run("data", "trap '' XFSZ; ulimit -f " .. blocks .. ";")
  if code ~= 0 then
    tries = tries + 1
    check(blocks .. " blocks", code, text)
  end
  code, text = run("data")
  if code ~= 0 then fail("%d blocks: the run after it ends with %d: %s", blocks, code, text) end
  if home.dump(root .. "/data/org/home.db") ~= expected then fail("%d blocks: home is not what it should be", blocks) end
end
if tries < 3 then fail("the limit stopped only %d runs: the checker is broken", tries) end

local mounted = 0
shell.must("mkdir " .. root .. "/disk")
for _, kilobytes in ipairs { 64, 192, 384, 512 } do
  code = shell.run(("mount -t tmpfs -o size=%dk tmpfs %s/disk"):format(kilobytes, root))
  if code ~= 0 then break end
  mounted = mounted + 1
  code, text = run("disk/data")
  if code ~= 0 then check(kilobytes .. " kB", code, text) end
  -- More room, as a person would make.
  shell.must(("mount -o remount,size=64m %s/disk"):format(root))
  code, text = run("disk/data")
  local now = code == 0 and home.dump(root .. "/disk/data/org/home.db")
  shell.must("umount " .. root .. "/disk")
  if now ~= expected then fail("%d kB: the run after it ends with %d: %s", kilobytes, code, text) end
end
shell.must("rm -rf " .. root)
print(("%d runs met the limit; %s"):format(tries, mounted > 0 and mounted .. " small file systems filled"
  or "this account may not mount a small file system, that part is left out"))
