-- A dead letter that is tried again sends what home says today, never the old body.
return function(t)
  local remote = t.faulty()
  remote.config { reject = { name = "bad" } }
  t.wells()
  t.done "wells"
  t.put("well", { { code = "h1", name = "bad", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 } })
  t.run "wells"
  t.equal(#t.dead(), 1, "the dead letters")
  t.put("well", { code = "h1", depth = 7 })
  remote.config { reject = {} }
  t.weir "dead retry syncs/org/wells.lua"
  t.done "wells"
  local found
  for _, well in ipairs(remote.data "well") do
    if well.code == "h1" then found = well end
  end
  t.equal(found and tonumber(found.depth), 7, "the depth there")
  t.equal(#t.dead(), 0, "the dead letters afterwards")
  remote.nothing_doubled("well", "code")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
