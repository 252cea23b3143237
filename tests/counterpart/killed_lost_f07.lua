-- The same, with answers that are lost as well: the first of the writes before the kill, and the first one after it.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 3)
  t.wells()
  t.done "wells"
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 },
    { code = "w1", name = "Renamed here" } })
  remote.keep()
  local lost = { match = { method = "P" }, fault = "lost" }
  lost.match = { method = "POST" }
  local points = t.killed_everywhere("wells", function()
    remote.restore()
    remote.plan(lost)
  end, function()
    remote.plan(lost)
    t.run "wells"
    t.done "wells"
    remote.nothing_doubled("well", "code")
    t.wells_equal(remote)
    t.equal(#remote.data "well", 5, "the wells there")
    t.quiet("wells", remote.writes)
  end)
  t.told = ("killed and resumed %d times"):format(points)
end
