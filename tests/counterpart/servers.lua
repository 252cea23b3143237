-- Starts the counterparts, talks to them with curl, and stops them by the ids of their processes.
local shell = require "shell"
local json = require "json"
local weir_server = require "server"
local servers = { kinds = {} }

local here = arg[0]:match("^(.*)/")
local running = {}
local weirs = {}

-- A request. Gives the status and the body, decoded when it is JSON.
local function ask(method, url, body, headers)
  local words = { "curl -gsS -m 60 -X", method, "-w '\\n%{http_code}'" }
  local file
  if body ~= nil then
    file = os.tmpname()
    shell.write(file, type(body) == "string" and body or json.encode(body))
    words[#words + 1] = "-H 'Content-Type: application/json' --data-binary @" .. file
  end
  for _, header in ipairs(headers or {}) do words[#words + 1] = "-H " .. shell.quote(header) end
  words[#words + 1] = shell.quote(url)
  local code, text = shell.run(table.concat(words, " "))
  if file then os.remove(file) end
  if code ~= 0 then error(("%s %s: curl ended with %d: %s"):format(method, url, code, text), 0) end
  local answer, status = text:match("^(.*)\n(%d+)$")
  local right, value = pcall(json.decode, answer)
  return tonumber(status), right and value or answer
end

-- Starts a server of this folder. It says where it listens as the first line it prints; at its end the pipe closes.
-- `again`: one that ended comes back, with its folder.
local function start(t, file, words, again)
  local number = again and again.number or #running + 1
  local folder = ("%s/server%d"):format(t.root, number)
  shell.must("mkdir -p " .. folder)
  local line = ("WEIR_COUNTERPARTS=%s NODE_NO_WARNINGS=1 exec node %s/%s --folder %s %s 2>%s/err </dev/null"):format(
    shell.quote(servers.packages), shell.quote(here), file, folder, words or "", folder)
  local pipe = assert(io.popen(line, "r"))
  local first = pipe:read("l")
  local server = again or {}
  for name, value in pairs(first and json.decode(first) or {}) do server[name] = value end
  server.pipe, server.folder, server.file, server.number = pipe, folder, file, number
  running[number] = server
  if not first then error(file .. " did not start: " .. shell.read(folder .. "/err"), 0) end

  -- What must go well.
  function server.get(at) return server.ask("GET", at) end
  function server.post(at, body) return server.ask("POST", at, body) end
  function server.ask(method, at, body, headers)
    local status, value = ask(method, server.url .. at, body, headers)
    if status >= 400 then error(("%s %s is answered with %d: %s"):format(method, at, status, json.encode(value)), 0) end
    return value
  end
  function server.try(method, at, body, headers) return ask(method, server.url .. at, body, headers) end
  return server
end

function servers.kinds.faulty(t, words)
  local server = start(t, "faulty.mjs", words)
  t.names.url = server.url
  -- Back after somebody killed it, at the same port: for one that is --durable.
  function server.back()
    server.pipe:close()
    start(t, "faulty.mjs", ("%s --port %d"):format(words, server.port), server)
  end
  local function list(of) return json.array(#of > 0 and of or { of }) end
  function server.plan(...) return server.post("/__plan", json.array { ... }) end
  function server.edit(...) return server.post("/__edit", list(json.array { ... })) end
  function server.config(what) return server.post("/__config", what) end
  function server.keep() server.post("/__keep", {}) end
  function server.restore() server.post("/__restore", {}) end
  function server.log() return server.get "/__log" end
  function server.data(datatype) return server.get("/__data")[datatype] or json.array {} end
  -- What was written here over the API: how often, or "create well 1" and so on.
  function server.writes() return #server.log().applied end
  function server.applied()
    local lines = json.array {}
    for i, one in ipairs(server.log().applied) do lines[i] = ("%s %s %s"):format(one.verb, one.type, one.id) end
    return lines
  end
  -- How often each row of the plan struck.
  function server.fired()
    local counts = json.array {}
    for i, row in ipairs(server.get "/__plan") do counts[i] = row.fired end
    return counts
  end
  -- A record was made over the API at most once.
  function server.nothing_doubled(datatype, field)
    local seen = {}
    for _, record in ipairs(server.data(datatype)) do
      local value = tostring(record[field])
      if seen[value] then error(("there are two of %s with %s = %s"):format(datatype, field, value), 0) end
      seen[value] = true
    end
  end
  return server
end

function servers.kinds.loopback(t, words)
  local server = start(t, "loopback/server.cjs", words)
  t.names.url = server.url
  local token
  function server.login()
    token = server.post("/api/Users/login", { username = server.user, password = server.password }).id
    return token
  end
  -- As somebody else than weir would use the API.
  function server.api(method, at, body)
    return server.ask(method, "/api" .. at, body, { "Authorization: " .. (token or server.login()) })
  end
  function server.sql(text, params)
    return server.post("/__sql", { sql = text, params = json.array(params or {}) })
  end
  -- Lines of the log of one kind, "write" mostly; of one model, when it is given.
  function server.log(kind, model)
    local lines = json.array {}
    for line in io.lines(server.log_file) do
      local one = json.decode(line)
      if one.kind == kind and (not model or one.model == model) then lines[#lines + 1] = one end
    end
    return lines
  end
  server.log_file = server.folder .. "/log.jsonl"
  function server.writes() return #server.log "write" end
  return server
end

function servers.kinds.receiver(t)
  return start(t, "receiver.mjs")
end

function servers.kinds.ggmn(t, words)
  local server = start(t, "ggmn.mjs", words)
  t.names.ggmn = server.url
  function server.log() return server.get "/__log" end
  function server.edit(uuid, events) return server.post("/__edit", { uuid = uuid, events = json.array(events) }) end
  return server
end

function servers.kinds.json_server(t, data)
  local file = t.root .. "/db.json"
  shell.write(file, json.encode(data))
  local server = start(t, "json_server.cjs", "--data " .. file)
  t.names.url = server.url
  function server.log() return server.get "/__log" end
  return server
end

function servers.kinds.pouchdb(t)
  local server = start(t, "pouchdb.cjs")
  t.names.url = server.url
  function server.log() return server.get "/__log" end
  return server
end

function servers.kinds.oauth2(t)
  local server = start(t, "oauth2.cjs")
  t.names.url = server.url
  function server.log() return server.get "/__log" end
  return server
end

-- TLS in front of another server.
function servers.kinds.nginx(t, behind) return start(t, "nginx.cjs", "--to " .. behind.url) end

-- weir itself as a server, in the test's folder: tests/support/server.lua. `environment`: "NAME=value …" for it.
function servers.kinds.weir_server(t, environment)
  local program = t.program
  if environment then
    program = t.root .. "/weir"
    shell.write(program, ('#!/bin/sh\n%s exec %s "$@"\n'):format(environment, t.program))
    shell.must("chmod +x " .. program)
  end
  local server = setmetatable({ program = program, folder = t.folder }, weir_server)
  weirs[#weirs + 1] = server
  server.default_token = server:token("test", "ops-full", t.org)
  server:start()
  return server
end

-- Gives what the servers complained of.
function servers.stop_all()
  local words = {}
  for _, server in ipairs(weirs) do
    server:stop "TERM"
    local text = shell.exists(server.folder .. "/serve.err") and shell.read(server.folder .. "/serve.err") or ""
    if text ~= "" then words[#words + 1] = "weir serve says: " .. text end
  end
  for _, server in ipairs(running) do
    if server.pid then shell.run("kill " .. server.pid) end
    server.pipe:close()
    local text = shell.read(server.folder .. "/err")
    if text ~= "" then words[#words + 1] = server.file .. " says: " .. text end
  end
  return table.concat(words)
end

return servers
