-- An empty answer, or one with most records missing, deletes nothing by itself: it is held until somebody approves.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 20)
  t.wells { sync = 'deletes = { at_most = "10%" },', type = "since = nil, cursor = nil," }
  t.done("wells", { created = 20 })
  remote.plan { match = { method = "GET" }, fault = "empty", times = 0 }
  t.run "wells"
  t.equal(#t.home "well", 20, "home's wells after an empty answer")
  remote.plan()
  t.done "wells"
  t.equal(#t.home "well", 20, "home's wells afterwards")
  t.equal(remote.applied(), t.json.array {}, "what was written there")
  -- Half of them are really gone: held.
  for i = 1, 10 do remote.edit { type = "well", delete = tostring(i) } end
  local run = t.run "wells"
  t.equal(#t.home "well", 20, "home's wells, with the deletes held")
  local _, held = t.weir "deletes list org"
  t.check(held:find "well", "the held deletes are not listed: %s", held)
  local code, text = t.weir(("deletes approve %s"):format(run.run))
  t.equal(code, 0, "approving: " .. text)
  t.done "wells"
  t.equal(#t.home "well", 10, "home's wells after they were approved")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
