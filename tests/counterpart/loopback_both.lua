-- LegacyMyWell itself, both ways: villages, resources whose numbers it gives out, readings in arrays.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote)
  t.mywell(remote)
  t.done("mywell", { created = 11 })
  t.mywell_equal(remote)
  local writes = remote.writes()
  t.done "mywell"
  t.quiet("mywell", remote.writes)
  t.equal(remote.writes(), writes, "what was pulled is pushed back")

  -- News here: a village, resources of it and of an old one, and their readings, all in one run.
  t.put("village", { postcode = "313603", number = "13", name = "Sunderpura" })
  local village = t.home_one("village", "number", "13").id
  local old = t.home_one("village", "number", "11").id
  for i = 1, 4 do
    t.put("resource", { postcode = "313603", owner = "New " .. i, kind = i == 4 and "checkdam" or "well", lat = 24.5, lng = 74,
      village = i % 2 == 0 and village or old })
  end
  for i = 1, 4 do
    t.put("reading", { resource = t.home_one("resource", "owner", "New " .. i).id, datetime = "2018-09-01T00:00:00Z", value = i })
  end
  t.done "mywell"
  t.done "mywell"
  t.mywell_equal(remote)
  t.equal(#remote.log("message"), 7, "a message is sent for each resource, once")
  for _, one in ipairs(t.home "resource") do t.check(one.number ~= t.json.null, "%s has no number", one.owner) end
  t.quiet("mywell", remote.writes)

  -- One resource at a time was made.
  for _, one in ipairs(remote.log "request") do
    t.check(not (one.method == "POST" and one.url:find "/resources") or one.under_way == 1, "two at once: %s", one.url)
  end

  -- Edits on both sides of different records, and of one.
  t.put("reading", { id = t.home("reading")[1].id, value = 77.25 })
  t.put("village", { id = old, name = "Hinta Kalan" })
  remote.api("POST", "/villages/update?where[postcode]=313603&where[id]=12", { name = "Dharta Khurd" })
  t.done "mywell"
  t.done "mywell"
  t.mywell_equal(remote)
  t.quiet("mywell", remote.writes)
end
