-- One record that the datasource never takes: it is a dead letter, and the others go.
return function(t)
  local remote = t.faulty()
  t.wells()
  t.done "wells"
  remote.plan { match = { method = "POST", body = "poison" }, fault = "answer", status = 500, times = 0 }
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "poison", depth = 2 },
    { code = "h3", name = "Here 3", depth = 3 } })
  t.run "wells"
  t.run "wells"
  local there = t.lines(remote.data "well", { "code" })
  t.equal(there, t.json.array { "h1", "h3" }, "the wells there")
end
