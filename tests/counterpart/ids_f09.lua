-- Ids that look alike are different, and a number is its text.
return function(t)
  local remote = t.faulty()
  for _, id in ipairs { "1", "01", "1.0", "a b", "a/b", "ü", "100%", "x?y=1" } do
    remote.edit { type = "well", create = { id = id, code = "code " .. id, name = "Well " .. id, depth = 1 } }
  end
  remote.edit { type = "well", create = { id = 5770237022568448, code = "big", name = "Big", depth = 1 } }
  t.wells()
  t.done("wells", { created = 9 })
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
  -- Each is changed at its own address.
  local changes = {}
  for _, well in ipairs(t.home "well") do changes[#changes + 1] = { id = well.id, name = "Changed " .. well.code } end
  t.put("well", changes)
  t.done "wells"
  t.equal(#remote.data "well", 9, "the wells there")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
