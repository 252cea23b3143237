-- A next link, or a cursor, that leads back to where it came from.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 12)
  local loops = {
    { page = 'weir.page.next "next"', fault = { next = remote.url .. "/api/well?limit=3&shape=wrapped&order=asc" } },
    { page = 'weir.page.cursor { cursor = "cursor", next = "cursor" }', fault = { cursor = "Mw==" } },
  }
  for _, loop in ipairs(loops) do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.wells { page = loop.page, type = 'records = "items", query = { order = "asc", shape = "wrapped", limit = "3" },' }
    local items = t.json.array {}
    for i = 1, 3 do items[i] = remote.data("well")[i] end
    loop.fault.items = items
    remote.plan { match = { method = "GET" }, times = 0, fault = "answer", type = "application/json",
      body = t.json.encode(loop.fault) }
    local run = t.run "wells"
    t.check(run.code ~= 0 and run.status ~= "done", "%s goes round and is believed: %s", loop.page, run.text)
    t.check(#remote.log().requests < 100, "it asked %d times", #remote.log().requests)
    remote.plan()
  end
end
