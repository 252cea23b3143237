-- A disk that fails at many places of a sync both ways over HTTP: full by a limit on the size of files, on a small file
-- system where one may be mounted, and by a library that lets the n-th write fail, break off, or be the first on a full
-- disk. Each time a clear error, and the next run comes to the right end without doubling anything at the datasource.
-- WEIR_FAULT_ALL=1 tries every write.
local failing = require "failing"

local SAYS = { "W50%d%d", "W1005" }

-- A limit on the size of files, with SIGXFSZ ignored, so that a write past it is an error as on a full disk.
local function by_limit(t, job)
  local blocks = {}
  local size = #t.shell.read(t.root .. "/kept/org/home.db") // 512
  for i = 1, 14 do blocks[i] = 8 + i * (size + 800) // 14 end
  for _, n in ipairs(blocks) do job:try(("trap '' XFSZ; ulimit -f %d;"):format(n), SAYS) end
  return job.failed
end

-- Home on a file system of `kilobytes`; more room before the next run, as a person would make.
local function by_room(t, job)
  local data = t.folder .. "/data"
  local mounted = 0
  for _, kilobytes in ipairs { 340, 420, 520, 640, 760, 880, 1024 } do
    job:again()
    t.shell.must(("mv %s %s.full && mkdir %s"):format(data, data, data))
    if t.shell.run(("mount -t tmpfs -o size=%dk tmpfs %s"):format(kilobytes, data)) ~= 0 then
      t.shell.must(("rm -rf %s && mv %s.full %s"):format(data, data, data))
      return mounted
    end
    local right, message = pcall(function()
      if t.shell.run(("cp -a %s.full/. %s/"):format(data, data)) ~= 0 then return end
      mounted = mounted + 1
      local summary = t.run "wells"
      t.check(summary.code <= 7 and (summary.code == 0 or summary.text:find "W50%d%d" or summary.text:find "W1005"),
        "%d kB: ended with %d: %s", kilobytes, summary.code, summary.text)
      t.shell.must(("mount -o remount,size=64m %s"):format(data))
      job:look(kilobytes .. " kB", summary.code)
    end)
    t.shell.must(("umount %s && rmdir %s && mv %s.full %s"):format(data, data, data, data))
    if not right then t.fail(message) end
  end
  return mounted
end

return function(t)
  local library = t.check(os.getenv "WEIR_FAIL_DISK", "WEIR_FAIL_DISK is to name libfail_disk.so")
  local job = failing.new(t, 200, 150)
  local limited = by_limit(t, job)
  t.check(limited > 2 and job.pushing > 2, "the limit stopped only %d runs, %d of them while they pushed: the checker is broken",
    limited, job.pushing)
  local mounted = by_room(t, job)
  local small = failing.new(t, 3, 3)
  local count = small:count(("WEIR_DISK='count %%s' LD_PRELOAD=%s"):format(library))
  for _, kind in ipairs { "eio:%d", "eio:%d+", "short:%d", "full:%d+" } do
    for _, n in ipairs(failing.numbers(count, 22)) do
      small:try(("WEIR_DISK=%s LD_PRELOAD=%s"):format(kind:format(n), library), SAYS)
    end
  end
  t.check(small.failed > 20, "of all the failed writes %d made a run fail: the checker is broken", small.failed)
  t.check(small.pushing > 5, "%d of them while they pushed: the checker is broken", small.pushing)
  t.told = ("%d runs met the limit, %s; %d writes: %d runs failed cleanly, %d got along"):format(limited,
    mounted > 0 and mounted .. " small file systems filled" or "no small file system may be mounted", count, small.failed,
    small.survived)
end
