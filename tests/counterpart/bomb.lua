-- A small answer that grows: it ends at the cap, long before memory does.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 3)
  t.wells { http = 'body_max = "10MB",' }
  remote.plan { match = { method = "GET" }, fault = "bomb", megabytes = 300, times = 0 }
  local run = t.run("wells", nil, "ulimit -v 2000000;")
  t.check(run.code ~= 0 and run.code < 128, "the bomb went off: %s", run.text)
  remote.plan()
  t.done("wells", { created = 3 })
end
