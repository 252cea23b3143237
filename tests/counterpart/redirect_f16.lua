-- A write that is sent elsewhere is no success; a read follows, and takes no credentials to another port.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 4)
  t.secret("key", "the key of wells\n")
  remote.config { auth = { header = "x-api-key", value = "the key of wells" } }
  local auth = 'auth = weir.auth.header("X-Api-Key", weir.secret "key"),'
  t.wells { http = auth }
  t.done "wells"
  for _, status in ipairs { 301, 302, 303, 307, 308 } do
    local code = "h" .. status
    t.put("well", { code = code, name = "Here", depth = 1 })
    remote.plan { match = { method = "POST" }, fault = "redirect", status = status, to = "other", times = 0 }
    t.run "wells"
    t.equal(#remote.log().other, 0, status .. ": what came to the other port")
    remote.plan()
    t.run "wells"
    t.run "wells"
    remote.nothing_doubled("well", "code")
  end
  -- Reads: on the same port with the key, to another port only when the script names it, and then without the key.
  remote.plan { match = { method = "GET" }, fault = "redirect", to = "same" }
  t.done "wells"
  remote.plan { match = { method = "GET" }, fault = "redirect", to = "other", times = 0 }
  local run = t.run "wells"
  t.check(run.code ~= 0, "it went to another port: %s", run.text)
  t.equal(#remote.log().other, 0, "what came to the other port")
  t.wells { http = auth .. ("hosts = { '127.0.0.1:%d' },"):format(remote.other) }
  t.run "wells"
  local other = remote.log().other
  t.check(#other > 0, "a read doesn't follow to a host that is named")
  for _, one in ipairs(other) do t.equal(one.headers["x-api-key"], nil, "the key that was taken to another port") end
  t.check(not t.shell.run(("grep -r 'the key of wells' %s/data/org"):format(t.folder)) == false, "the key is in home")
end
