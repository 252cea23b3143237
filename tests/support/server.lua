-- Starts a `weir serve` on a free loopback port for a test, asks it with curl, and stops it by its pid.
local json = require "json"
local shell = require "shell"
local quote = shell.quote
local server = {}
server.__index = server

local TRIES, PAUSE = 400, "0.05"

-- Asks again and again until `look` gives something; an error when it never does.
function server.wait(what, look)
  for _ = 1, TRIES do
    local found = look()
    if found then return found end
    shell.must("sleep " .. PAUSE)
  end
  error(what .. " never came", 2)
end

-- Runs the program in the test's folder; gives its exit code and what it printed.
function server:weir(line)
  return shell.run(("cd %s && %s %s"):format(quote(self.folder), quote(self.program), line))
end

-- A token's text.
function server:token(name, role, org, more)
  local code, text = self:weir(("token create %s --role %s --org %s %s --json"):format(name, role, quote(org), more or ""))
  assert(code == 0, text)
  return json.read(text).token
end

-- The number of the process is the program's own.
function server:start(options)
  shell.must(("cd %s && : >serve.out && { exec %s serve --port 0 --syncs syncs --data data --json %s >serve.out 2>serve.err & echo $! >serve.pid; }")
    :format(quote(self.folder), quote(self.program), options or ""))
  self.pid = shell.read(self.folder .. "/serve.pid"):match "%d+"
  self.url = server.wait("the server's address", function()
    return shell.read(self.folder .. "/serve.out"):match '"url":"([^"]*)"'
  end)
end

function server:is_alive()
  return (shell.run("kill -0 " .. self.pid)) == 0
end

function server:stop(signal)
  if self.pid == nil then return end
  shell.run(("kill -%s %s"):format(signal or "TERM", self.pid))
  server.wait("the server's end", function() return not self:is_alive() end)
  self.pid = nil
end

-- Asks: server:call("PATCH", "/v1/…", { token = …, body = text, headers = { "Name: value" } }). Gives
-- { status, headers (by small names), text, json (when the answer is JSON) }.
function server:call(method, path, ask)
  ask = ask or {}
  local at = self.folder .. "/ask"
  local words = { "curl -sS --max-time 60 -X", method, "-D", quote(at .. ".head"), "-o", quote(at .. ".body") }
  local token = ask.token or self.default_token
  if token then words[#words + 1] = "-H " .. quote("Authorization: Bearer " .. token) end
  for _, header in ipairs(ask.headers or {}) do words[#words + 1] = "-H " .. quote(header) end
  if ask.body then
    shell.write(at .. ".send", ask.body)
    words[#words + 1] = "-H 'Content-Type: application/json' --data-binary @" .. quote(at .. ".send")
  end
  words[#words + 1] = quote(self.url .. path)
  shell.write(at .. ".body", "")
  shell.must(table.concat(words, " "))
  local head = shell.read(at .. ".head")
  local answer = { headers = {}, text = shell.read(at .. ".body") }
  answer.status = tonumber(head:match "^HTTP/%S+ (%d+)")
  for name, value in head:gmatch "\n([^:\r\n]+): ([^\r\n]*)" do answer.headers[name:lower()] = value end
  if (answer.headers["content-type"] or ""):find "json" then answer.json = json.read(answer.text) end
  return answer
end

-- The same, and its status must be this one.
function server:expect(status, method, path, ask)
  local answer = self:call(method, path, ask)
  if answer.status ~= status then
    error(("%s %s: answered with %s and not %d\n%s"):format(method, path, answer.status, status, answer.text), 2)
  end
  return answer
end

-- A folder with syncs and data, and no server yet. `files`: path -> text.
function server.new(program, files)
  if program:sub(1, 1) ~= "/" then program = shell.must("pwd"):match "[^\n]+" .. "/" .. program end
  local self = setmetatable({ program = program, folder = shell.folder() }, server)
  shell.must("mkdir -p " .. quote(self.folder .. "/data") .. " " .. quote(self.folder .. "/syncs"))
  for path, text in pairs(files or {}) do shell.write(self.folder .. "/" .. path, text) end
  return self
end

-- Runs a test; its server is stopped in any case, and its files go when all went well.
function server.test(program, files, test)
  local self = server.new(program, files)
  local ok, message = xpcall(test, debug.traceback, self)
  if self.pid then self:stop(ok and "TERM" or "KILL") end
  if ok and self.url and shell.read(self.folder .. "/serve.err"):find "Sanitizer" then
    ok, message = false, "a sanitizer has something to say"
  end
  if not ok then
    local said = shell.exists(self.folder .. "/serve.err") and shell.read(self.folder .. "/serve.err") or ""
    io.stderr:write(message, "\n", said, "its files are kept in ", self.folder, "\n")
    os.exit(1)
  end
  shell.must("rm -rf " .. quote(self.folder))
end

function server.equal(what, actual, expected)
  if actual ~= expected then
    error(("%s is %s and not %s"):format(what, tostring(actual), tostring(expected)), 2)
  end
end

return server
