-- A change and a delete whose answers are lost: in the end it is as home wants it, and nothing is parked for good.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 6)
  t.wells { sync = 'deletes = { at_most = "50%" },' }
  for _, fault in ipairs { "lost", "drop", "gateway" } do
    t.done "wells"
    remote.plan({ match = { method = "PATCH" }, fault = fault }, { match = { method = "DELETE" }, fault = fault })
    t.put("well", { code = "w1", name = "Renamed: " .. fault })
    t.delete("well", t.home("well")[2].id)
    t.run "wells"
    t.equal(remote.fired(), t.json.array { 1, 1 }, fault .. ": how often they struck")
    t.done "wells"
    t.wells_equal(remote)
    t.quiet("wells", remote.writes)
    remote.plan()
  end
end
