-- Both sides changed one record: by field, and by each policy; what lost can be seen.
return function(t)
  local remote = t.faulty()
  local expected = {
    fields = { "Here", 99 }, -- each side's own change
    home = { "Here", 1.5 },
    datasource = { "Well 1", 99 },
  }
  for policy, values in pairs(expected) do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    for _, well in ipairs(remote.data "well") do remote.edit { type = "well", delete = well.id } end
    t.seed(remote, 3)
    t.wells { sync = ('conflict = "%s",'):format(policy) }
    t.done "wells"
    local id = remote.data("well")[1].id
    t.put("well", { code = "w1", name = "Here" })
    remote.edit { type = "well", update = id, set = { depth = 99 } }
    t.done "wells"
    local here = t.home_one("well", "code", "w1")
    t.equal({ here.name, tonumber(here.depth) }, values, policy)
    t.wells_equal(remote)
    t.quiet("wells", remote.writes)
    -- The same field on both sides: one loses, and is kept.
    t.put("well", { code = "w2", name = "Here 2" })
    remote.edit { type = "well", update = remote.data("well")[2].id, set = { name = "There 2" } }
    t.done "wells"
    t.wells_equal(remote)
    t.equal(t.home_one("well", "code", "w2").name, policy == "home" and "Here 2" or "There 2", policy .. ", the same field")
    t.check(#t.rows "SELECT * FROM weir_conflict" > 0, "%s: the loser is not kept", policy)
    t.quiet("wells", remote.writes)
  end
end
