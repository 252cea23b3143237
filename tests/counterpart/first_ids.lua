-- The first implementation didn't write ids back after a push: here they are links and, where the script says, fields.
return function(t)
  local remote = t.faulty()
  t.wells { sync = [[push = { well = {
    code = "code", name = "name", depth = weir.number "depth",
    back = { note = function(_, reply) return "remote " .. reply.id end },
  } },]] }
  t.done "wells"
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 } })
  t.done "wells"
  for _, well in ipairs(remote.data "well") do t.equal(t.home_one("well", "code", well.code).note, "remote " .. well.id) end
  t.equal(#t.rows "SELECT external FROM weir_link_1", 2, "the links")
  t.quiet("wells", remote.writes)
end
