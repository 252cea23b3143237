-- Where the server knows operations by their key, a repeat with the same key changes nothing.
return function(t)
  local remote = t.faulty()
  remote.config { idempotent = true }
  t.wells { type = 'find = nil, idempotency = "Idempotency-Key",' }
  t.done "wells"
  t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "h2", name = "Here 2", depth = 2 } })
  remote.plan({ match = { method = "POST" }, fault = "lost" })
  t.run "wells"
  t.done "wells"
  t.equal(#remote.data "well", 2, "the wells there")
  remote.nothing_doubled("well", "code")
  local keys = {}
  for _, one in ipairs(remote.log().requests) do
    if one.method == "POST" then
      local key = t.check(one.headers["idempotency-key"], "a create without a key")
      keys[key] = (keys[key] or 0) + 1
    end
  end
  local most = 0
  for _, count in pairs(keys) do most = math.max(most, count) end
  t.check(most >= 2, "the lost one is repeated with its own key: %s", t.json.encode(keys))
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
