-- OAuth 2: client credentials, a token that ends in the middle, both forms of refusal.
return function(t)
  local remote = t.oauth2()
  t.secret("client_secret", "keep it")
  t.script("wells", [[
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "remote", base = "{{url}}/api",
    auth = weir.auth.oauth2 { url = "{{url}}/token", client = "weir", secret = weir.secret "client_secret", scope = "wells" },
    types = { well = { path = "/wells", key = "id" } },
  },
  datatypes = { well = weir.datatype { key = "name", name = "text" } },
  types = { "well" },
  pull = { well = { name = "name" } },
}
]])
  t.done("wells", { created = 2 })
  local asked = remote.log().tokens[1]
  t.equal({ asked.grant, asked.scope }, { "client_credentials", "wells" })
  remote.post("/__config", { life = 0 })
  t.run "wells"
  remote.post("/__config", { life = 3600 })
  t.done "wells"
  for _, shape in ipairs { "oauth", "problem" } do
    remote.post("/__expire", {})
    remote.post("/__config", { refuse = true, shape = shape })
    local run = t.run "wells"
    t.check(run.code ~= 0 and (run.text:find "invalid_client" or run.text:find "not this time"), "%s: what the server says is not told: %s", shape, run.text)
    t.check(not run.text:find("keep it", 1, true), "it tells the secret: %s", run.text)
  end
end
