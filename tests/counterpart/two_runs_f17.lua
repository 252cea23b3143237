-- Two runs of one sync at once: the second joins the first, and nothing is written twice.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 5)
  t.wells()
  t.done("wells", { created = 5 })
  for i = 1, 4 do t.put("well", { code = "h" .. i, name = "Here", depth = i }) end
  remote.plan { match = { method = "POST" }, fault = "delay", ms = 150, times = 0 }
  local line = "cd %s && for i in 1 2 3; do %s run syncs/org/wells.lua --json --quiet --data data >out$i 2>&1 & done; wait"
  t.shell.must(line:format(t.folder, t.program))
  local pushed = 0
  for i = 1, 3 do
    local summary = t.shell.summary(t.shell.read(t.folder .. "/out" .. i))
    t.check(summary and summary.status == "done", "run %d: %s", i, t.shell.read(t.folder .. "/out" .. i))
    if not summary.line:find '"answered":true' then pushed = pushed + summary.pushed end
  end
  t.equal(pushed, 4, "what the runs pushed together")
  t.equal(#remote.data "well", 9, "the wells there")
  remote.nothing_doubled("well", "code")
  t.wells_equal(remote)
end
