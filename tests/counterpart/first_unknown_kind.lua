-- The first implementation gave up the whole pull at a record of a kind that it didn't know: here that is one dead letter.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 3)
  remote.edit { type = "well", create = { code = "odd", name = "Odd", depth = 1, kind = "fountain" } }
  t.seed(remote, 3, 4)
  t.wells { sync = [[direction = "pull", push = nil, pull = { well = {
    code = "code", name = "name", depth = weir.number "depth",
    note = weir.map("kind", { well = "W" , raingauge = "R" }),
  } },]] }
  t.run "wells"
  t.equal(#t.home "well" + #t.dead(), 7, "the wells in home and the dead letters")
  t.home_one("well", "code", "w6")
  t.equal(#t.dead(), 1, "the dead letters")
end
