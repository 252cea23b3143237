-- The organisation's own script, syncs/mywell/two_way.lua, against LegacyMyWell as it is.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote)
  t.shell.must(("cp -a %s/../../syncs %s/"):format(arg[0]:match("^(.*)/"), t.folder))
  t.write("data/secrets/mywell/mywell_user", remote.user)
  t.write("data/secrets/mywell/mywell_password", remote.password)
  t.shell.must(("chmod 600 %s/data/secrets/mywell/*"):format(t.folder))

  local function run(counts)
    local code, text = t.weir(("run syncs/mywell/two_way.lua --param base=%s/api --json --quiet"):format(remote.url))
    local summary = t.shell.summary(text) or {}
    if code ~= 0 or summary.status ~= "done" then t.fail("it ended with %d:\n%s", code, text) end
    for name, expected in pairs(counts or {}) do
      if summary[name] ~= expected then t.fail("%s is %s and not %s:\n%s", name, summary[name], expected, text) end
    end
    return summary
  end
  local function get(datatype)
    local code, text = t.weir("get mywell " .. datatype .. " --json")
    if code ~= 0 then t.fail("get ended with %d: %s", code, text) end
    local records = t.json.array {}
    for line in text:gmatch("[^\n]+") do records[#records + 1] = t.json.decode(line) end
    return records
  end
  local function put(datatype, record)
    local code, text = t.weir("put mywell " .. datatype, t.json.encode(record) .. "\n")
    if code ~= 0 then t.fail("put ended with %d: %s", code, text) end
  end
  local function one(datatype, field, value)
    for _, record in ipairs(get(datatype)) do if record[field] == value then return record end end
    return t.fail("no %s has %s = %s", datatype, field, value)
  end
  local function quiet()
    run()
    local writes = remote.writes()
    run { created = 0, updated = 0, pushed = 0 }
    t.equal(remote.writes(), writes, "writes of a run without news")
  end

  run { created = 11, dead = 0 }
  quiet()

  -- A resource in a pincode's group gets its pincode by itself, and with it may go; its number comes back.
  put("group", { type = "pincode", code = "313603", name = "Bhinder" })
  local pincode = one("group", "type", "pincode").id
  put("resource", { owner = "Made here", resourceType = "well", lat = 24.5, lng = 74.25, group = pincode,
    externalIds = { legacyMyWellVillageId = "11" } })
  t.equal(one("resource", "owner", "Made here").externalIds.legacyMyWellPincode, "313603", "the pincode rule")
  put("resource", { owner = "Stays here", resourceType = "well", lat = 24.5, lng = 74.25 })
  put("reading", { resource = one("resource", "owner", "Made here").id, datetime = "2018-09-01T00:00:00Z", value = 12.5 })
  run { pushed = 2, dead = 0 }
  local made = one("resource", "owner", "Made here")
  t.check(made.number ~= t.json.null, "MyWell's number did not come back")
  t.equal(made.externalIds.legacyMyWellId, "313603." .. made.number, "the id that came back")
  t.check(one("reading", "value", 12.5).externalIds.legacyMyWellId, "the reading's id did not come back")
  t.equal(one("resource", "owner", "Stays here").number, t.json.null, "a resource without a pincode")
  quiet()

  -- A village's name is changed here, another there.
  put("group", { id = one("group", "code", "313603.11").id, name = "Hinta Kalan" })
  remote.api("POST", "/villages/update?where[postcode]=313603&where[id]=12", { name = "Dharta Khurd" })
  run { pushed = 1 }
  t.equal(one("group", "code", "313603.12").name, "Dharta Khurd", "a village that was changed there")
  t.equal(#remote.api("GET", "/villages?filter[where][name]=Hinta%20Kalan"), 1, "villages that were changed here")
  quiet()

  -- Dirt: what can't be right is kept aside, and the rest goes in.
  remote.sql("INSERT INTO reading (date, value, postcode, resourceid, createdat, updatedat) VALUES (?, 1, 313603, 1110, ?, ?)",
    { -2208988800000, os.time() * 1000, (os.time() + 5) * 1000 })
  local dirty = run { dead = 1 }
  t.equal(dirty.created, 0, "what the dirt brought")
end
