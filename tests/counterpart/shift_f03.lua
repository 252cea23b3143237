-- Rows go and come while the pages are read, so that the others move from page to page: none is lost.
return function(t)
  local remote = t.faulty()
  local ways = {
    { { type = "well", delete = "1" } },
    { { type = "well", delete = "1" }, { type = "well", delete = "2" }, { type = "well", delete = "3" } },
    { { type = "well", create = { code = "early", name = "Early", depth = 1, updatedAt = "2020-01-01T00:00:00.000Z" } } },
    { { type = "well", update = "2", set = { name = "Moved to the end" } } },
  }
  t.seed(remote, 12)
  remote.keep()
  t.wells()
  for i, edits in ipairs(ways) do
    for page = 1, 3 do
      remote.restore()
      t.shell.must(("rm -rf %s/data/org"):format(t.folder))
      remote.plan { match = { method = "GET" }, nth = page, fault = "shift", after = t.json.array(edits) }
      -- It may end as incomplete, and then the next one must bring what is missing.
      local run = t.run "wells"
      if run.code ~= 0 then t.done "wells" end
      local missing = {}
      local here = {}
      for _, well in ipairs(t.home "well") do here[well.code] = well.name end
      for _, well in ipairs(remote.data "well") do
        -- What came in front of all pages that were read is the next run's.
        if well.code ~= "early" and here[well.code] ~= well.name then missing[#missing + 1] = well.code end
      end
      t.check(#missing == 0, "way %d, page %d: %s missing after %s", i, page, table.concat(missing, ", "), run.text)
    end
  end
end
