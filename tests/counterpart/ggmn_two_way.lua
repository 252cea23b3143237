-- The organisation's own script, syncs/mywell/ggmn.lua, against a GGMN as far as it is known.
return function(t)
  local remote = t.ggmn()
  t.shell.must(("cp -a %s/../../syncs %s/"):format(arg[0]:match("^(.*)/"), t.folder))
  t.write("data/secrets/mywell/ggmn_user", remote.user)
  t.write("data/secrets/mywell/ggmn_password", remote.password)
  t.shell.must(("chmod 600 %s/data/secrets/mywell/*"):format(t.folder))
  -- ST-007 is the text of two stations.
  local script = t.shell.read(t.folder .. "/syncs/mywell/ggmn.lua"):gsub('{ "ST%-001", "ST%-002" }',
    '{ "ST-001", "ST-002", "ST-007" }')
  t.write("syncs/mywell/ggmn.lua", script)
  local function series(number) return ("00000000-0000-4000-8000-%012d"):format(number) end

  local function run(counts)
    local code, text = t.weir(("run syncs/mywell/ggmn.lua --param base=%s/api --json --quiet"):format(remote.url))
    local summary = t.shell.summary(text) or {}
    if code ~= 0 or summary.status ~= "done" then t.fail("it ended with %d:\n%s", code, text) end
    for name, expected in pairs(counts or {}) do
      if summary[name] ~= expected then t.fail("%s is %s and not %s:\n%s", name, summary[name], expected, text) end
    end
    return summary
  end
  local function get(datatype)
    local _, text = t.weir("get mywell " .. datatype .. " --json")
    local records = t.json.array {}
    for line in text:gmatch("[^\n]+") do records[#records + 1] = t.json.decode(line) end
    return records
  end

  remote.edit(series(1), { { timestamp = 1535760000000, value = "12.50" }, { timestamp = 1535846400000, min = "3", max = "4" } })
  remote.edit(series(2), { { timestamp = 1535760000000, value = "7.25" } })
  remote.edit(series(3), { { timestamp = 1535760000000, value = "99" } }) -- of a station that takes no part
  run { created = 2 + 2 + 3, dead = 1 }
  local values = {}
  for _, one in ipairs(get "reading") do values[#values + 1] = tonumber(one.value) end
  table.sort(values)
  t.equal(values, { 3.5, 7.25, 12.5 }, "the readings of the chosen stations")
  t.equal(#remote.log().applied, 0, "writes of a first pull")

  -- A reading that was taken here goes there, in UTC, as part of its timeseries.
  local first = get("timeseries")[1]
  local line = { resource = first.resource, timeseries = first.id, datetime = "2018-09-03T05:30:00+05:30", value = 8.75 }
  local code, text = t.weir("put mywell reading", t.json.encode(line) .. "\n")
  t.check(code == 0, text)
  run { pushed = 1 }
  local applied = remote.log().applied
  t.equal(#applied, 1, "what was written there")
  t.equal({ applied[1].uuid, applied[1].timestamp, applied[1].value }, { series(1), 1535932800000, "8.75" }, "the reading there")
  run()
  local seq = t.shell.must(("sqlite3 -readonly %s/data/mywell/home.db \"SELECT value FROM weir_counter WHERE name='seq'\""):format(
    t.folder))
  run { created = 0, updated = 0, pushed = 0 }
  t.equal(#remote.log().applied, 1, "writes of a run without news")
  t.equal(t.shell.must(("sqlite3 -readonly %s/data/mywell/home.db \"SELECT value FROM weir_counter WHERE name='seq'\""):format(
    t.folder)), seq, "home's seq after a run without news")
end
