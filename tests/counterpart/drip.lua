-- An answer that comes a byte at a time ends at the limit of the whole request, not of each byte.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 9)
  t.wells { page = "weir.page.whole", http = 'timeout = "1s",', sync = "errors = { retry = 1 }," }
  remote.plan { match = { method = "GET" }, fault = "drip", every = 50, times = 0 }
  local run = t.run "wells"
  t.check(run.code ~= 0, "it waited to the end: %s", run.text)
  remote.plan()
  t.done("wells", { created = 9 })
end
