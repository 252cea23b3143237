-- A record that is no UTF-8, or holds a NUL: it is kept aside with its reason, exact, and the others go in.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 2)
  t.wells { page = "weir.page.whole", type = "since = nil, cursor = nil," }
  t.done("wells", { created = 2 })
  local body = '[{"id":"7","code":"w7","name":"a\\u0000b","depth":1},{"id":"8","code":"w8","name":"good","depth":2}]'
  remote.plan { match = { method = "GET" }, fault = "answer", type = "application/json", body = body }
  t.done("wells", { created = 1, dead = 1 })
  local _, dead = t.weir "dead list org --json"
  t.check(dead:find '"external":"7"' and dead:find '"code":"W4010"', "the dead letter is %s", dead)
  remote.plan { match = { method = "GET" }, fault = "answer", type = "application/json",
    base64 = "W3siaWQiOiI5IiwiY29kZSI6Inc5IiwibmFtZSI6Iv8iLCJkZXB0aCI6MX0seyJpZCI6IjEwIiwiY29kZSI6IncxMCIsIm5hbWUiOiJvayIsImRlcHRoIjoyfV0=" }
  local run = t.done("wells", { created = 1 })
  t.equal(run.dead, 1, "records that are no UTF-8")
  t.equal(t.home_one("well", "code", "w10").name, "ok", "the record beside it")
end
