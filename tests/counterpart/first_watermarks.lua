-- The first implementation had one date for both directions, and never moved it: here each way has its own watermark, and
-- a run asks only for what is new.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 9)
  t.wells()
  t.done("wells", { created = 9, read = 9 })
  t.put("well", { code = "h1", name = "Here", depth = 1 })
  t.done "wells"
  t.seed(remote, 1, 10)
  -- What changed there before the push, but was not read yet, still comes.
  remote.edit { type = "well", update = "3", set = { name = "Renamed" } }
  t.done "wells"
  t.wells_equal(remote)
  local requests = remote.log().requests
  t.check(requests[#requests].query:find "since=2024", "it doesn't ask for what is new: %s", requests[#requests].query)
  t.quiet("wells", remote.writes)
end
