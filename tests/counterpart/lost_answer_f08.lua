-- A create that went in although its answer was lost: it is found again, and never made twice.
return function(t)
  local remote = t.faulty()
  local ways = {
    one = "",
    array = 'create = { request = "POST /well", array = true, max = 5 },',
    serial = 'create = "one-at-a-time",',
  }
  for _, fault in ipairs { "lost", "drop", "gateway", "truncated" } do
    for name, way in pairs(ways) do
      t.shell.must(("rm -rf %s/data/org"):format(t.folder))
      remote.plan()
      t.wells { type = way }
      t.done "wells"
      local before = #remote.data "well"
      local prefix = fault .. name
      local wells = {}
      for i = 1, 4 do wells[i] = { code = prefix .. i, name = "Well " .. i, depth = i } end
      t.put("well", wells)
      remote.plan { match = { method = "POST" }, nth = name == "array" and 1 or 2, fault = fault }
      t.run "wells"
      t.equal(remote.fired()[1], 1, prefix .. ": how often it struck")
      t.done "wells"
      t.equal(#remote.data "well", before + 4, prefix .. ": the wells there")
      remote.nothing_doubled("well", "code")
      t.wells_equal(remote)
      t.equal(#t.dead(), 0, prefix .. ": dead letters")
      t.quiet("wells", remote.writes)
    end
  end
end
