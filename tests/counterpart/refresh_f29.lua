-- A refresh token that can be used once only, and runs that want it at the same time: one refresh at a time, and the new
-- token is stored before it is used.
return function(t)
  local remote = t.oauth2()
  t.secret("client_secret", "keep it")
  t.secret("refresh", "refresh-first")
  for i = 1, 4 do
    t.script("wells" .. i, [[
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "remote", base = "{{url}}/api",
    auth = weir.auth.oauth2 { url = "{{url}}/token", client = "weir", secret = weir.secret "client_secret", refresh = "refresh" },
    types = { well = { path = "/wells", key = "id" } },
  },
  datatypes = { well = weir.datatype { key = "name", name = "text" } },
  types = { "well" },
  pull = { well = { name = "name" } },
}
]])
  end
  remote.post("/__config", { rotate = true })
  t.weir "status"
  local line = {}
  for i = 1, 4 do
    line[i] = ("%s run syncs/org/wells%d.lua --data data --json --quiet >out%d 2>&1 & pid%d=$!"):format(t.program, i, i, i)
  end
  line[5] = "for pid in $pid1 $pid2 $pid3 $pid4; do wait $pid; done"
  t.shell.must(("cd %s\n%s"):format(t.folder, table.concat(line, "\n")))
  for i = 1, 4 do
    local text = t.shell.read(("%s/out%d"):format(t.folder, i))
    local summary = t.shell.summary(text) or {}
    t.equal(summary.status, "done", ("run %d: %s"):format(i, text))
  end
  local spent = {}
  for _, one in ipairs(remote.log().tokens) do
    t.check(not spent[one.refresh], "%s is used twice", one.refresh)
    spent[one.refresh] = true
  end
  t.check(not spent[t.shell.read(t.folder .. "/data/secrets/org/refresh"):match "%S+"], "the stored token is a spent one")
  t.done "wells1"
end
