-- An array of which some are refused: the good ones are in once, the bad ones are dead letters with the reason.
return function(t)
  local remote = t.faulty()
  t.wells { type = 'create = { request = "POST /well", array = true, max = 10 },' }
  t.done "wells"
  remote.config { reject = { name = "bad" } }
  local wells = {}
  for i = 1, 12 do wells[i] = { code = "w" .. i, name = (i == 3 or i == 8) and "bad" or "Well " .. i, depth = i } end
  t.put("well", wells)
  local run = t.run "wells"
  t.check(run.dead == 2 or #t.dead() == 2, "two dead letters are expected: %s", run.text)
  t.equal(#remote.data "well", 10, "the wells there")
  t.equal(remote.writes(), 10, "the writes there")
  remote.nothing_doubled("well", "code")
  -- Again: nothing more goes in.
  t.run "wells"
  t.equal(remote.writes(), 10, "the writes there after another run")
  -- Mended, they go.
  remote.config { reject = {} }
  t.put("well", { { code = "w3", name = "Well 3" }, { code = "w8", name = "Well 8" } })
  t.done "wells"
  t.equal(#remote.data "well", 12, "the wells there after they were mended")
  t.equal(#t.dead(), 0, "the dead letters after they were mended")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
