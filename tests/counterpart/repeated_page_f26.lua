-- A page that repeats for ever, one that is shorter than asked for and not the last, a total that doesn't fit.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 12)
  t.wells { sync = 'deletes = { at_most = "100%" },' }
  remote.plan { match = { method = "GET" }, nth = 2, times = 0, fault = "list", query = { offset = "0" } }
  local run = t.run "wells"
  t.check(run.code ~= 0 and run.status ~= "done", "a page that repeats is taken for a list: %s", run.text)
  t.check(#remote.log().requests < 50, "it asked %d times", #remote.log().requests)
  remote.plan()
  t.done "wells"
  t.wells_equal(remote)
  -- Short pages: the server gives two where three were asked for.
  t.shell.must(("rm -rf %s/data/org"):format(t.folder))
  remote.plan { match = { method = "GET" }, times = 0, fault = "list", query = { limit = "2" } }
  run = t.run "wells"
  if run.status == "done" then t.wells_equal(remote) end
  -- With a total, a list that ends too soon is noticed.
  t.shell.must(("rm -rf %s/data/org"):format(t.folder))
  t.wells { page = 'weir.page.offset { limit = "limit", offset = "offset", size = 3, total = "header:X-Total-Count" }',
    type = 'query = { order = "asc", total = "1" },' }
  remote.plan { match = { method = "GET" }, nth = 3, times = 0, fault = "answer", type = "application/json", body = "[]",
    headers = { ["X-Total-Count"] = "12" } }
  run = t.run "wells"
  t.check(run.code ~= 0 and run.status ~= "done", "a short list is taken for the whole: %s", run.text)
end
