-- Bodies that break off, in each framing and at several places; and a whole one that only the connection's close ends.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 7)
  remote.keep()
  t.wells { page = "weir.page.whole", sync = 'deletes = { at_most = "100%" }, errors = { retry = 1 },', type = "since = nil, cursor = nil," }
  t.done("wells", { created = 7 })
  local whole = #t.json.encode(remote.data "well")
  for _, framing in ipairs { "length", "chunked", "close" } do
    for _, at in ipairs { 0, 1, 90, whole // 2, whole - 1 } do
      remote.plan { match = { method = "GET" }, fault = "truncated", framing = framing, at = at, times = 0 }
      local run = t.run "wells"
      t.check(run.code ~= 0 and run.status ~= "done", "%s, cut at %d, is believed: %s", framing, at, run.text)
      t.equal(#t.home "well", 7, "home's wells")
    end
  end
  remote.plan { match = { method = "GET" }, fault = "gzip_truncated", times = 0 }
  local run = t.run "wells"
  t.check(run.code ~= 0, "compressed and cut is believed: %s", run.text)
  -- Once is no matter: it is asked again.
  remote.plan { match = { method = "GET" }, fault = "truncated", framing = "length" }
  t.done "wells"
  remote.plan { match = { method = "GET" }, fault = "closed", times = 0 }
  t.done "wells"
  t.wells_equal(remote)
end
