-- Without a way to look it up, a create whose answer is lost is parked for a person: it is not sent again.
return function(t)
  local remote = t.faulty()
  t.wells { type = "find = nil," }
  t.done "wells"
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 } })
  remote.plan { match = { method = "POST" }, fault = "lost" }
  -- Pulled again, it would be a new record to weir; with a natural key it is adopted.
  t.run "wells"
  t.run "wells"
  t.run "wells"
  remote.nothing_doubled("well", "code")
  t.equal(#remote.data "well", 2, "the wells there")
end
