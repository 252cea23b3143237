-- No request is larger than the 100 kB that LegacyMyWell takes.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote, 0)
  t.mywell(remote, { size = 500, max = 5000 })
  t.done "mywell"
  local resource = t.home_one("resource", "number", "1110").id
  local readings = {}
  for i = 1, 1500 do
    readings[i] = { resource = resource, value = i / 4, datetime = os.date("!%Y-%m-%dT%H:%M:%SZ", 1500000000 + i * 3600) }
  end
  t.put("reading", readings)
  t.done "mywell"
  for _, one in ipairs(remote.log "request") do t.check(one.status ~= 413, "a request is too large: %s", one.url) end
  t.equal(remote.sql("SELECT count(*) AS n FROM reading")[1].n, 1500, "the readings there")
  local posts = 0
  for _, one in ipairs(remote.log "request") do posts = posts + (one.method == "POST" and one.url:find "/readings" and 1 or 0) end
  t.check(posts >= 2 and posts <= 10, "%d requests", posts)
  t.done "mywell"
  t.quiet("mywell", remote.writes)
end
