-- A private address is not reached unless the settings allow it.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 2)
  t.wells()
  t.write("data/settings", "")
  local run = t.run "wells"
  t.check(run.code ~= 0 and run.text:find "W3021", "it is reached: %s", run.text)
  t.equal(#remote.log().requests, 0, "the requests")
end
