-- The whole sync, both ways, killed at every point it passes and run again: one record there for each, both sides equal,
-- and a third run writes nothing.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 6)
  t.wells { type = "since = nil, cursor = nil,", sync = 'deletes = { at_most = "50%" },' }
  t.done "wells"
  -- News on both sides: new, changed and deleted ones.
  t.seed(remote, 2, 7)
  remote.edit({ type = "well", update = "2", set = { name = "Renamed there" } }, { type = "well", delete = "3" })
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 },
    { code = "h3", name = "Here 3", depth = 3 }, { code = "h4", name = "Here 4", depth = 4 },
    { code = "w1", name = "Renamed here" } })
  t.delete("well", t.home_one("well", "code", "w4").id)
  remote.keep()
  local points = t.killed_everywhere("wells", remote.restore, function()
    -- What was deleted there shows in a whole listing: the first pass that is not resumed.
    t.done "wells"
    t.done "wells"
    remote.nothing_doubled("well", "code")
    t.wells_equal(remote)
    t.equal(remote.writes(), 6, "the writes there, four new, one changed, one deleted: " .. t.json.encode(remote.applied()))
    t.quiet("wells", remote.writes)
  end)
  t.told = ("killed and resumed %d times"):format(points)
end
