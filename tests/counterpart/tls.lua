-- TLS by nginx: a right certificate is taken, a wrong name, an expired one and a stranger's are not, and a client's own
-- certificate opens what asks for one.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 5)
  local front = t.nginx(remote)
  local function sync(port, more)
    t.names.url = "https://127.0.0.1:" .. front.ports[port]
    t.wells { http = more, sync = 'direction = "pull", push = nil,' }
    return t.run "wells"
  end
  local ours = ('ca = "%s",'):format(front.ca)
  for _, wrong in ipairs { "wrong", "expired", "untrusted" } do
    local run = sync(wrong, ours)
    t.check(run.code ~= 0 and run.text:find "W3023", "%s is trusted: %s", wrong, run.text)
  end
  local run = sync("right", "")
  t.check(run.code ~= 0 and run.text:find "W3023", "an authority that nobody named is trusted: %s", run.text)
  run = sync("client", ours)
  t.check(run.code ~= 0, "it is let in without a certificate: %s", run.text)
  t.equal(#remote.log().requests, 0, "the requests that came through")
  run = sync("right", ours)
  t.equal({ run.code, run.created }, { 0, 5 }, "the right one: " .. run.text)
  local protocols = t.shell.read(front.protocols)
  t.check(protocols:find "HTTP/2.0" and not protocols:find "HTTP/1", "HTTP/2 is offered and not taken: %s", protocols)
  run = sync("client", ours .. ('certificate = "%s", certificate_key = "%s",'):format(front.client, front.client_key))
  t.equal(run.code, 0, "with a client's certificate: " .. run.text)
end
