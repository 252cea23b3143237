-- A record that both sides had before they knew of each other: one record, by its natural key.
return function(t)
  local remote = t.faulty()
  t.wells()
  t.done "wells"
  t.seed(remote, 3)
  t.put("well", { { code = "w2", name = "Well 2", note = "only here" }, { code = "h1", name = "Here 1", depth = 1 } })
  t.done "wells"
  remote.nothing_doubled("well", "code")
  t.equal(#t.home "well", 4, "home's wells")
  t.equal(#remote.data "well", 4, "the wells there")
  t.equal(t.home_one("well", "code", "w2").note, "only here")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
