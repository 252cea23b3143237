-- The token runs out in the middle, and a new one is asked for; a wrong password stops the run and says so, without
-- telling it.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote, 6)
  t.mywell(remote, { size = 2 })
  t.done "mywell"
  remote.post("/__expire", {})
  remote.login()
  remote.api("POST", "/readings", { postcode = 313603, resourceId = 1110, value = 4, date = "2018-10-01T00:00:00.000Z" })
  t.done("mywell", { created = 1 })
  t.secret("password", "not the water")
  remote.post("/__expire", {})
  local run = t.run "mywell"
  t.check(run.code ~= 0, "a wrong password is no matter: %s", run.text)
  t.check(not run.text:find("not the water", 1, true), "it tells the password: %s", run.text)
  t.check(not t.shell.run(("grep -rq 'not the water' %s/data/org"):format(t.folder)) == false, "home holds the password")
end
