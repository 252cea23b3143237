-- The server asks to wait: a short wait is waited for, a long one makes the run end as waiting, and it goes on later.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 9)
  t.wells()
  remote.plan({ match = { method = "GET" }, nth = 2, times = 2, fault = "answer", status = 429, after = 0 },
    { match = { method = "GET" }, nth = 5, fault = "answer", status = 503, after_date = 0 })
  t.done("wells", { created = 9 })
  t.equal(remote.fired(), t.json.array { 2, 1 }, "how often they struck")
  t.wells_equal(remote)
  -- A long one: an hour, in both forms.
  for _, wait in ipairs { { after = 3600 }, { after_date = 3600 } } do
    t.seed(remote, 5, #remote.data "well" + 1)
    wait.match, wait.fault, wait.status, wait.times = { method = "GET" }, "answer", 429, 0
    remote.plan(wait)
    local asked = #remote.log().requests
    local run = t.run "wells"
    t.equal(run.status, "waiting", "the run: " .. run.text)
    t.check(#remote.log().requests - asked <= 8, "it asked %d times meanwhile", #remote.log().requests - asked)
    remote.plan()
  end
end
