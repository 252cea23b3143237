-- Answers of status 200 that are none: a login page, an error in the body, nothing. Nothing is believed, nothing is
-- deleted, and the next run goes on.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 5)
  t.wells { sync = 'deletes = { at_most = "50%" },', type = "since = nil, cursor = nil," }
  t.done "wells"
  t.seed(remote, 2, 6)
  for _, answer in ipairs {
    { fault = "answer", type = "text/html", body = "<html><form action='/login'>Please log in</form></html>" },
    { fault = "answer", type = "application/json", body = '{"error":"not today"}' },
    { fault = "answer", type = "application/json", body = '"no"' },
    { fault = "answer", type = "application/json", body = "" },
    { fault = "answer", type = "application/json", body = "null" },
    { fault = "answer", type = "application/json", body = '[{"id":"1","code":"w1"}] and more' },
    { fault = "answer", status = 204, type = "application/json", body = "" },
  } do
    answer.match, answer.times = { method = "GET" }, 0
    remote.plan(answer)
    local run = t.run "wells"
    t.check(run.code ~= 0 and run.status ~= "done", "%s is taken for an answer: %s", answer.body, run.text)
    t.equal(#t.home "well", 5, "home's wells")
  end
  remote.plan()
  t.done("wells", { created = 2 })
  -- The same for a write: it is not taken for done.
  remote.plan { match = { method = "POST" }, fault = "answer", type = "text/html", body = "<html>Please log in</html>" }
  t.put("well", { code = "h1", name = "Here", depth = 1 })
  local run = t.run "wells"
  t.check(run.status == "failed" and run.text:find "web page", "a login page is taken for a record's fault: %s", run.text)
  t.equal(#t.dead(), 0, "dead letters")
  t.done("wells", { pushed = 1 })
  t.equal(#remote.data "well", 8, "the wells there")
  remote.nothing_doubled("well", "code")
  t.wells_equal(remote)
end
