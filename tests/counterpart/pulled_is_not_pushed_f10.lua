-- What was pulled isn't pushed back: the first implementation's echo loop.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 7)
  t.wells()
  t.done("wells", { created = 7 })
  t.done("wells", { created = 0, updated = 0 })
  remote.edit { type = "well", update = "2", set = { name = "Renamed there" } }
  t.done("wells", { updated = 1 })
  t.done "wells"
  t.equal(remote.applied(), t.json.array {}, "what was written there")
  t.quiet("wells", remote.writes)
end
