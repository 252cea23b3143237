-- Every way in which pages follow each other brings every record, once.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 10)
  local ways = {
    whole = { page = "weir.page.whole" },
    offset = { page = 'weir.page.offset { limit = "limit", offset = "offset", size = 3 }' },
    offset_total = { page = 'weir.page.offset { limit = "limit", offset = "offset", size = 3, total = "header:X-Total-Count" }',
      type = 'query = { order = "asc", total = "1" },' },
    number = { page = 'weir.page.number { page = "page", limit = "limit", size = 3 }' },
    number_total = { page = 'weir.page.number { page = "page", limit = "limit", size = 5, total = "total" }',
      type = 'records = "items", query = { order = "asc", shape = "wrapped" },' },
    link = { page = "weir.page.link {}", type = 'query = { order = "asc", link = "1", limit = "3" },' },
    next = { page = 'weir.page.next "next"',
      type = 'records = "items", query = { order = "asc", shape = "wrapped", limit = "3" },' },
    cursor = { page = 'weir.page.cursor { cursor = "cursor", next = "cursor" }',
      type = 'records = "items", query = { order = "asc", shape = "wrapped", limit = "3" },' },
    keyset = { page = 'weir.page.keyset { after = "since", limit = "limit", size = 3 }' },
  }
  local names = {}
  for name in pairs(ways) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local way = ways[name]
    way.name, way.sync = "wells", 'direction = "pull", push = nil,'
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.wells(way)
    local right, message = pcall(function()
      t.done("wells", { created = 10 })
      t.wells_equal(remote)
      t.quiet "wells"
    end)
    t.check(right, "%s: %s", name, message)
  end
  t.equal(remote.applied(), t.json.array {}, "what a pull writes there")
end
