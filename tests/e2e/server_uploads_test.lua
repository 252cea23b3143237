-- Files over HTTP: whole, in pieces, looked into, run from, removed; and a sync made of a template that reads one.
-- Usage: lua5.4 server_uploads_test.lua WEIR
package.path = (arg[0]:match "^(.*)/" or ".") .. "/../support/?.lua;" .. package.path
local json = require "json"
local server = require "server"
local shell = require "shell"
local equal = server.equal

local files = {}
files["syncs/county/readings.lua"] = [[
local weir = require "weir"
return weir.sync {
  template   = true,
  params     = { file = weir.param.file },
  datasource = weir.csv { name = "files", types = { reading = { file = weir.param "file", key = "code" } } },
  datatypes  = { reading = weir.datatype { code = "text", value = "decimal" } },
  types      = { "reading" },
  pull       = { reading = { code = "code", value = weir.number "value" } },
}
]]

local function send(s, path, bytes, token)
  shell.write(s.folder .. "/bytes", bytes)
  local text = shell.must(("curl -sS -X %s -H 'Authorization: Bearer %s' --data-binary @%s/bytes -w '\\n%%{http_code}' '%s'")
    :format(path:match "offset" and "PUT" or "POST", token or s.default_token, s.folder, s.url .. path))
  local body, status = text:match "^(.*)\n(%d+)%s*$"
  return tonumber(status), json.read(body)
end

local function settings(name, template, file)
  return ('{"name":"%s","template":"%s","params":{"file":"%s"},"once":true}'):format(name, template, file)
end

server.test(arg[1], files, function(s)
  s.default_token = s:token("office", "biz-full", "county")
  local looks = s:token("looks", "biz-limited", "county")
  local other = s:token("other", "biz-full", "elsewhere")
  s:start()
  server.wait("the sync", function() return s:call("GET", "/v1/syncs/readings").status == 200 end)

  -- Whole, looked into, run from.
  local status, file = send(s, "/v1/uploads?name=first.csv", "code,value\na,1.50\nb,=2\n")
  equal("the upload's status", status, 201)
  equal("its state", file.state, "whole")
  equal("its kind", file.kind, "csv")
  local seen = s:expect(200, "GET", "/v1/uploads/" .. file.id .. "/preview?rows=1").json
  equal("a column", seen.columns[2], "value")
  equal("a cell", seen.rows[1].cells[2], "1.50")
  equal("more rows", seen.more, true)
  local asked = s:expect(202, "POST", "/v1/syncs/readings/run", { body = ('{\"params\":{\"file\":\"%s\"}}'):format(file.id) }).json
  local run = s:expect(200, "GET", "/v1/runs/" .. asked.run.id .. "?wait=30").json
  equal("the run's end", run.status, "done")
  equal("the run names the upload", run.params.file, file.id)
  equal("records", run.counts.created, 1)
  equal("dead letters", run.counts.dead, 1)
  local same = s:expect(200, "GET", "/v1/syncs/readings/status?file=" .. file.id).json
  equal("the run by its parameters", same.id, run.id)

  -- A path is no upload, however it is written; nor is another organisation's.
  for _, name in ipairs { "/etc/passwd", "../" .. file.id, file.id .. "/", file.id:upper(), "", "%00" } do
    local body = ('{\"params\":{\"file\":\"%s\"}}'):format(name)
    equal("run of " .. name, s:call("POST", "/v1/syncs/readings/run", { body = body }).status, 422)
  end
  equal("another's upload", s:call("GET", "/v1/uploads/" .. file.id, { token = other }).status, 404)
  equal("another's preview", s:call("GET", "/v1/uploads/" .. file.id .. "/preview", { token = other }).status, 404)
  equal("who looks uploads nothing", (send(s, "/v1/uploads?name=x.csv", "a", looks)), 403)
  equal("who looks sees", s:call("GET", "/v1/uploads", { token = looks }).json.uploads[1].id, file.id)

  -- In pieces: bytes at a wrong place are refused, a killed server forgets nothing.
  local begun = s:expect(201, "POST", "/v1/uploads/begin", { body = '{"name":"second.csv","size":21}' }).json
  equal("piece", (send(s, "/v1/uploads/" .. begun.id .. "?offset=0", "code,value\n")), 200)
  equal("the same piece again", (send(s, "/v1/uploads/" .. begun.id .. "?offset=0", "code,value\n")), 409)
  equal("too early", s:call("POST", "/v1/uploads/" .. begun.id .. "/finish", { body = "{}" }).status, 409)
  s:stop("KILL")
  s:start()
  equal("what came", s:expect(200, "GET", "/v1/uploads/" .. begun.id).json.size, 11)
  equal("past its end", (send(s, "/v1/uploads/" .. begun.id .. "?offset=11", "c,3\nd,4.25\nXXXX")), 422)
  equal("the rest", (send(s, "/v1/uploads/" .. begun.id .. "?offset=11", "c,3\nd,4\n\n\n")), 200)
  equal("another hash", s:call("POST", "/v1/uploads/" .. begun.id .. "/finish",
    { body = ('{"sha256":"%s"}'):format(("0"):rep(64)) }).status, 422)
  equal("its end", s:expect(201, "POST", "/v1/uploads/" .. begun.id .. "/finish", { body = "{}" }).json.state, "whole")

  -- A sync made of the template, with the upload in it. Nobody gives a path there either.
  local made = s:expect(201, "POST", "/v1/syncs",
    { body = settings("second", "readings", begun.id) }).json
  equal("the sync", made.id, "second")
  local again = s:expect(202, "POST", "/v1/syncs/second/run", { body = "{}" }).json
  run = s:expect(200, "GET", "/v1/runs/" .. again.run.id .. "?wait=30").json
  equal("its run", run.status, "done")
  equal("its records", run.counts.created, 2)
  equal("the same name", s:call("POST", "/v1/syncs",
    { body = settings("second", "readings", begun.id) }).status, 409)
  equal("a path in settings", s:call("POST", "/v1/syncs",
    { body = settings("third", "readings", "/etc/passwd") }).status, 422)
  equal("no template", s:call("POST", "/v1/syncs", { body = settings("third", "nothing", begun.id) }).status, 422)
  equal("a name that leads out", s:call("POST", "/v1/syncs",
    { body = settings("../third", "readings", begun.id) }).status, 422)
  s:expect(204, "DELETE", "/v1/syncs/second")
  server.wait("the sync's end", function() return s:call("GET", "/v1/syncs/second").status == 404 end)

  -- Removed.
  s:expect(204, "DELETE", "/v1/uploads/" .. file.id)
  equal("a removed file", s:call("GET", "/v1/uploads/" .. file.id).status, 404)
  equal("what is left", #s:expect(200, "GET", "/v1/uploads").json.uploads, 1)
end)
