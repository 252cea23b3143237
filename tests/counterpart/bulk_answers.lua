-- Arrays that are answered in another order, and with nothing at all: each record still gets its own id.
return function(t)
  local remote = t.faulty()
  for _, bulk in ipairs { "records", "shuffled", "none" } do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.wells { type = 'create = { request = "POST /well", array = true, max = 5 },' }
    remote.config { bulk = bulk }
    t.done "wells"
    local before = #remote.data "well"
    local wells = {}
    for i = 1, 7 do wells[i] = { code = bulk .. i, name = "Well " .. i, depth = i } end
    t.put("well", wells)
    t.done "wells"
    t.equal(#remote.data "well", before + 7, bulk)
    remote.nothing_doubled("well", "code")
    t.wells_equal(remote)
    for _, well in ipairs(remote.data "well") do
      local row = t.rows(("SELECT w.code FROM weir_link_1 l JOIN well w ON w.id = l.home WHERE l.external = '%s'"):format(well.id))
      t.equal(row[1] and row[1][1], well.code, bulk .. ": the record linked to " .. well.id)
    end
    t.quiet("wells", remote.writes)
  end
end
