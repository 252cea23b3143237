-- Deleted on one side and changed on the other: kept and reported. Deleted on one side alone: gone on both.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 20)
  t.wells { sync = 'deletes = { at_most = "50%" },', type = "since = nil, cursor = nil," }
  t.done "wells"
  local function id_of(code) return t.home_one("well", "code", code).id end
  t.delete("well", id_of "w1") -- here alone
  remote.edit { type = "well", delete = "2" } -- there alone
  t.delete("well", id_of "w3") -- here, changed there
  remote.edit { type = "well", update = "3", set = { name = "Changed there" } }
  t.put("well", { code = "w4", name = "Changed here" }) -- there, changed here
  remote.edit { type = "well", delete = "4" }
  t.delete("well", id_of "w5") -- on both
  remote.edit { type = "well", delete = "5" }
  t.done "wells"
  t.done "wells"
  local here = {}
  for _, well in ipairs(t.home "well") do here[well.code] = well.name end
  local there = {}
  for _, well in ipairs(remote.data "well") do there[well.code] = well.name end
  t.equal({ here.w1 or "gone", there.w1 or "gone" }, { "gone", "gone" }, "deleted here alone")
  t.equal({ here.w2 or "gone", there.w2 or "gone" }, { "gone", "gone" }, "deleted there alone")
  t.equal(there.w3, "Changed there", "deleted here, changed there: there")
  t.equal(here.w4, "Changed here", "deleted there, changed here: here")
  t.equal({ here.w5 or "gone", there.w5 or "gone" }, { "gone", "gone" }, "deleted on both")
  t.quiet("wells", remote.writes)
end
