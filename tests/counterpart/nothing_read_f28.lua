-- A run that reads nothing where there was much before isn't just done.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 9)
  t.wells { type = "since = nil, cursor = nil,", sync = 'deletes = { at_most = "10%" },' }
  t.done("wells", { created = 9 })
  remote.plan { match = { method = "GET" }, fault = "empty", times = 0 }
  local run = t.run "wells"
  local _, log = t.weir("log org")
  t.check(run.status ~= "done" or (run.text .. log):lower():find "warn", "nothing is said of it: %s\n%s", run.text, log)
  t.equal(#t.home "well", 9, "home's wells")
end
