-- The script changes while a run is under way: the run ends as it began, and the next one looks at everything again.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 9)
  t.wells { sync = 'direction = "pull", push = nil,' }
  remote.plan { match = { method = "GET" }, fault = "delay", ms = 200, times = 0 }
  local script = t.folder .. "/syncs/org/wells.lua"
  local changed = t.shell.read(script):gsub('name = "name", depth', 'name = function(r) return r.name .. "!" end, depth', 1)
  t.shell.write(t.root .. "/changed.lua", changed)
  local line = "cd %s && { %s run syncs/org/wells.lua --json --quiet --data data >out 2>&1 & sleep 0.3; cp %s/changed.lua %s; wait; }"
  t.shell.must(line:format(t.folder, t.program, t.root, script))
  local summary = t.shell.summary(t.shell.read(t.folder .. "/out"))
  t.check(summary and summary.status == "done" and summary.created == 9, t.shell.read(t.folder .. "/out"))
  t.equal(t.home_one("well", "code", "w9").name, "Well 9", "the last well, by the script that the run began with")
  remote.plan()
  t.done("wells", { created = 0, updated = 9 })
  t.equal(t.home_one("well", "code", "w1").name, "Well 1!", "the first well, by the script as it is now")
end
