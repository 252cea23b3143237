-- What the harnesses written in Lua share: files, programs and the lines that weir prints with --json.
local shell = {}

function shell.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

function shell.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

function shell.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Writes a file, making the folders above it.
function shell.write(path, text)
  local folder = path:match("^(.*)/[^/]*$")
  local file = io.open(path, "wb")
  if not file then
    assert(os.execute("mkdir -p " .. shell.quote(folder)))
    file = assert(io.open(path, "wb"))
  end
  file:write(text)
  assert(file:close())
end

-- Runs a line of sh. Gives its exit code (128 + n when signal n ended it) and what it printed on both streams.
function shell.run(line)
  local pipe = assert(io.popen("{ " .. line .. "\n} 2>&1", "r"))
  local text = pipe:read("a")
  local _, how, code = pipe:close()
  if how == "signal" then code = code + 128 end
  return code, text
end

-- The same for what must work.
function shell.must(line)
  local code, text = shell.run(line)
  if code ~= 0 then error(("%s\nended with %d and said:\n%s"):format(line, code, text), 2) end
  return text
end

-- A fresh folder; in memory where that is possible, since homes wait for the disk at every commit.
function shell.folder()
  local base = os.getenv("TMPDIR") or (os.execute("test -w /dev/shm") and "/dev/shm" or "/tmp")
  return shell.must("mktemp -d " .. shell.quote(base .. "/weir-test-XXXXXX")):match("[^\n]+")
end

-- The members of a flat JSON object of plain texts and numbers, as the last line of `weir run --json` is.
function shell.summary(text)
  local line = text:match('({"run":[^\n]*})%s*$')
  if not line then return nil end
  local members = { line = line }
  for name, value in line:gmatch('"([%w_]+)":"([^"]*)"') do members[name] = value end
  for name, value in line:gmatch('"([%w_]+)":(%-?[%d.]+)') do members[name] = tonumber(value) end
  return members
end

return shell
