-- The datasource's records lose the field that says who they are, or when they changed: that stops the run, and deletes
-- nothing.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 4)
  t.wells { sync = 'deletes = { at_most = "100%" },' }
  t.done "wells"
  for _, body in ipairs {
    '[{"number":"1","code":"w1","updatedAt":"2024-06-01T00:00:00.000Z"},{"number":"2","code":"w2","updatedAt":"2024-06-01T00:00:00.000Z"}]',
    '[{"id":"1","code":"w1","changed":"2024-06-01T00:00:00.000Z"},{"id":"2","code":"w2","changed":"2024-06-01T00:00:00.000Z"}]',
  } do
    remote.plan { match = { method = "GET" }, fault = "answer", times = 0, type = "application/json", body = body }
    local run = t.run "wells"
    t.check(run.code ~= 0 or run.status ~= "done" or (run.dead or 0) > 0, "it is taken as it is: %s", run.text)
    t.equal(#t.home "well", 4, "home's wells")
    t.equal(remote.writes(), 0, "the writes there")
  end
end
