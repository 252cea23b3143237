-- The job that failing_memory.lua and failing_disk.lua do at each try: a sync of wells both ways behind a login, with
-- news on both sides, begun from the same state each time, by a run in which something fails.
local failing = {}

local LOGIN = { match = { path = "^/api/login" }, times = 0, fault = "answer", type = "application/json",
  body = '{"id":"good","ttl":3600}' }
local AUTH = [[auth = weir.auth.login {
      url = "/login", body = { user = "ann" }, field = "id", ttl = "ttl", name = "Authorization",
    },]]

-- `there` and `here` new wells; gives the job.
function failing.new(t, there, here)
  local job = { t = t, remote = t.faulty(), failed = 0, survived = 0, pushing = 0, wells = 6 + there + here }
  t.shell.must(("rm -rf %s/data/org %s/kept"):format(t.folder, t.root))
  t.seed(job.remote, 7)
  job.remote.config { auth = { header = "authorization", value = "good" } }
  job.remote.plan(LOGIN)
  t.wells { page = 'weir.page.offset { limit = "limit", offset = "offset", size = 20 }', http = AUTH,
    sync = 'deletes = { at_most = "50%" },' }
  t.done "wells"
  t.seed(job.remote, there, 8)
  job.remote.edit { type = "well", update = "2", set = { name = "Renamed there" } }
  local wells = { { code = "w1", name = "Renamed here" } }
  for i = 1, here do wells[i + 1] = { code = "h" .. i, name = "Here " .. i, depth = i } end
  t.put("well", wells)
  t.delete("well", t.home_one("well", "code", "w4").id)
  t.shell.must(("sqlite3 %s/data/org/home.db 'PRAGMA wal_checkpoint(TRUNCATE)'"):format(t.folder)) -- it has grown with each edit
  job.remote.keep()
  t.shell.must(("cp -a %s/data %s/kept"):format(t.folder, t.root))
  job.writes = here + 2
  return setmetatable(job, { __index = failing })
end

function failing.again(job)
  local t = job.t
  t.shell.must(("rm -rf %s/data && cp -a %s/kept %s/data"):format(t.folder, t.root, t.folder))
  job.remote.restore()
  job.remote.plan(LOGIN)
end

-- How often the thing that fails is asked for in a whole run: `environment` has %s for a file.
function failing.count(job, environment)
  local t = job.t
  job:again()
  local summary = t.run("wells", "", environment:format(t.root .. "/count"))
  t.equal({ summary.code, summary.status }, { 0, "done" }, "the whole run: " .. summary.text)
  job:look("the whole run", 0)
  local count = tonumber(t.shell.read(t.root .. "/count"))
  return t.check(count and count > 20 and count, "only %s were counted: is the library loaded?", tostring(count))
end

-- Both sides hold everything, once.
function failing.look(job, what, code)
  local t = job.t
  local right, message = pcall(function()
    t.done "wells"
    job.remote.nothing_doubled("well", "code")
    t.wells_equal(job.remote)
    t.equal(#job.remote.data "well", job.wells, "the wells there")
    t.equal(#t.dead(), 0, "dead letters")
    local made = {}
    for _, one in ipairs(job.remote.log().applied) do
      t.check(one.verb ~= "create" or not made[one.record.code], "%s is made twice", one.record.code)
      made[one.record.code] = true
    end
    t.equal(t.rows "PRAGMA integrity_check", t.json.array { t.json.array { "ok" } }, "the integrity check")
    job.looks = (job.looks or 0) + 1
    if job.looks % 20 == 1 then t.quiet("wells", job.remote.writes) end
  end)
  if not right then t.fail("%s, which ended with %d: %s", what, code, message) end
end

-- A run that something fails in, and the next one. `says` are patterns, of which the error must hold one.
function failing.try(job, environment, says)
  local t = job.t
  job:again()
  local summary = t.run("wells", "", environment)
  if summary.code > 7 then t.fail("%s: ended with %d: %s", environment, summary.code, summary.text) end
  if summary.code == 0 then
    job.survived = job.survived + 1
  else
    job.failed = job.failed + 1
    job.pushing = job.pushing + (job.remote.writes() > 0 and 1 or 0)
    local said
    for _, pattern in ipairs(says) do said = said or summary.text:find(pattern) end
    t.check(said, "%s: ended with %d and does not say what is wrong: %s", environment, summary.code, summary.text)
  end
  job:look(environment, summary.code)
end

-- `most` of the numbers to `count`, evenly, from a place that the seed says; all of them with WEIR_FAULT_ALL.
function failing.numbers(count, most)
  local seed = tonumber(os.getenv "WEIR_SEED") or 1
  local step = os.getenv "WEIR_FAULT_ALL" and 1 or math.max(1, count // most)
  local numbers = {}
  for n = 1 + seed * 7919 % step, count, step do numbers[#numbers + 1] = n end
  return numbers
end

return failing
