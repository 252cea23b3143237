-- A row dated 2099 doesn't freeze the sync: what changes afterwards still comes.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 5)
  remote.edit { type = "well", create = { code = "far", name = "Far", depth = 1, updatedAt = "2099-01-01T00:00:00.000Z" } }
  t.wells()
  t.run "wells"
  remote.edit({ type = "well", update = "2", set = { name = "Renamed" } })
  t.seed(remote, 1, 6)
  t.run "wells"
  t.equal(t.home_one("well", "code", "w2").name, "Renamed")
  t.home_one("well", "code", "w6")
end
