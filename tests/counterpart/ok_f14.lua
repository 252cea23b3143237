-- A script says what makes an answer a success.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 5)
  t.wells { type = [[records = "items", ok = { path = "total" }, query = { order = "asc", shape = "wrapped" },]] }
  remote.plan { match = { method = "GET" }, fault = "answer", times = 0, type = "application/json",
    body = '{"items":[],"total":null,"error":"the database is away"}' }
  local run = t.run "wells"
  t.check(run.code ~= 0, "an answer that isn't ok is believed: %s", run.text)
  remote.plan()
  t.done("wells", { created = 5 })
end
