-- LegacyMyWell, with news on both sides, killed at every point and run again: no resource and no reading twice, though it
-- gives out the ids itself.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote, 3)
  t.mywell(remote)
  t.done "mywell"
  t.put("village", { postcode = "313603", number = "13", name = "Sunderpura" })
  t.put("resource", { postcode = "313603", owner = "New", kind = "well", lat = 24.5, lng = 74,
    village = t.home_one("village", "number", "13").id })
  t.put("reading", { resource = t.home_one("resource", "owner", "New").id, datetime = "2018-09-01T00:00:00Z", value = 4 })
  t.put("reading", { resource = t.home_one("resource", "number", "1110").id, datetime = "2018-09-02T00:00:00Z", value = 5 })
  remote.api("POST", "/readings", { postcode = 313603, resourceId = 1111, value = 6, date = "2018-09-03T00:00:00.000Z" })
  for _, name in ipairs { "village", "resource", "reading" } do
    remote.sql(("CREATE TABLE kept_%s AS SELECT * FROM %s"):format(name, name))
  end
  local function restore()
    for _, name in ipairs { "village", "resource", "reading" } do
      remote.sql("DELETE FROM " .. name)
      remote.sql(("INSERT INTO %s SELECT * FROM kept_%s"):format(name, name))
    end
  end
  local points = t.killed_everywhere("mywell", restore, function()
    t.done "mywell"
    t.done "mywell"
    t.mywell_equal(remote)
    t.equal(remote.sql("SELECT count(*) AS n FROM resource")[1].n, 4, "the resources there")
    t.equal(remote.sql("SELECT count(*) AS n FROM reading")[1].n, 6, "the readings there")
    t.quiet("mywell", remote.writes)
  end)
  t.told = ("killed and resumed %d times"):format(points)
end
