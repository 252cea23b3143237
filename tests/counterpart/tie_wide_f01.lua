-- A keyset cannot go on when more rows share one time than its page holds: it says so, or reads them all. It never says
-- that it is done without them.
return function(t)
  local remote = t.faulty()
  remote.config { step = 0 }
  t.seed(remote, 10)
  t.wells { page = 'weir.page.keyset { after = "since", limit = "limit", size = 3 }' }
  local run = t.run "wells"
  if run.status == "done" then t.wells_equal(remote) end
  t.check(run.status == "done" or run.code ~= 0, "it says %s without all rows: %s", run.status, run.text)
end
