-- An allocation that fails, and all after one, at many places of a sync both ways over HTTP: our own, SQLite's, curl's,
-- the JSON of the login and Lua's are all counted. Documented exit codes, an error that says something, and the next run
-- comes to the right end without doubling anything. WEIR_FAULT_ALL=1 tries every one.
local failing = require "failing"

return function(t)
  local library = t.check(os.getenv "WEIR_FAIL_MEMORY", "WEIR_FAIL_MEMORY is to name libfail_memory.so")
  local job = failing.new(t, 3, 3)
  local count = job:count(("WEIR_MEMORY='count %%s' LD_PRELOAD=%s"):format(library))
  local function try(plan) job:try(("WEIR_MEMORY=%s LD_PRELOAD=%s"):format(plan, library), { "%S" }) end
  for _, n in ipairs(failing.numbers(count, 110)) do try(tostring(n)) end
  for _, n in ipairs(failing.numbers(count, 50)) do try(n .. "+") end
  t.check(job.failed > 20, "of all the failed allocations %d made a run fail: the checker is broken", job.failed)
  t.told = ("%d allocations: %d runs failed cleanly, %d got along without"):format(count, job.failed, job.survived)
end
