-- Runs a scenario: lua5.4 tests/scenario/harness.lua WEIR tests/scenario/NAME.lua [--renew]
--
-- A scenario is a Lua file that returns
--
--   files    what lies in the folder before: name -> text; the syncs of the organisation "org" among them
--   steps    what happens, in order: { run = "syncs/org/a.lua", params = "--param file=b.csv", files = { … } } lays out
--            its files, then runs; { command = "put org reading", input = "…" } is any other command of weir
--   after    what the steps say and what home holds at the end, as text; --renew writes it anew
--   quiet    false: do not expect that a repeat of the last run writes nothing
--
-- The steps are taken; each says its exit code and counts. Then the last run is repeated and must write nothing. Then
-- each run is killed at every point it passes, run again, and must come to the same home.
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"

local weir, path, renew = arg[1], arg[2], arg[3] == "--renew"
local scenario = assert(dofile(path))
local name = path:match("([^/]*)%.lua$")
local root = shell.folder()
local folder, db = root .. "/now", root .. "/now/data/org/home.db"
weir = shell.must("realpath " .. shell.quote(weir)):match("[^\n]+")

local function fail(...)
  io.stderr:write(name, ": ", string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

local function lay_out(files)
  local names = {}
  for file in pairs(files or {}) do names[#names + 1] = file end
  table.sort(names)
  for _, file in ipairs(names) do shell.write(folder .. "/" .. file, files[file]) end
  -- A name that ends in .gz or in .utf-16.csv holds its text in that form.
  for _, file in ipairs(names) do
    local at = shell.quote(folder .. "/" .. file)
    if file:match("%.gz$") then shell.must(("gzip -nc %s >%s.tmp && mv %s.tmp %s"):format(at, at, at, at)) end
    if file:match("%.utf16%.csv$") then
      shell.must(("{ printf '\\377\\376'; iconv -f UTF-8 -t UTF-16LE %s; } >%s.tmp && mv %s.tmp %s"):format(at, at, at, at))
    end
  end
end

-- Takes a step, with WEIR_FAULT set to `fault` when there is one. Gives the exit code and what was said.
local function take(step, fault)
  local words = step.run and ("run %s %s --json --quiet"):format(step.run, step.params or "") or step.command
  if step.input then shell.write(root .. "/input", step.input) end
  return shell.run(("cd %s && WEIR_PAGE=%d %s exec %s %s --data data <%s"):format(folder, scenario.page or 3,
    fault and "WEIR_FAULT=" .. fault or "", weir, words, step.input and root .. "/input" or "/dev/null"))
end

local function tell(step, code, text)
  local summary = step.run and shell.summary(text)
  if not summary then return ("%s: exit %d"):format(step.run or step.command, code) end
  local parts = {}
  for _, count in ipairs { "read", "created", "updated", "unchanged", "skipped", "dead", "deleted", "pending" } do
    if (summary[count] or 0) ~= 0 then parts[#parts + 1] = ("%s %d"):format(count, summary[count]) end
  end
  return ("%s: exit %d, %s, %s"):format(step.run, code, summary.status, table.concat(parts, ", "))
end

local function see()
  return shell.exists(db) and home.dump(db) or "there is no home\n"
end

-- 1. The steps, and what they come to. `kept[i]` is the folder as it was before step i, `seen[i]` home after it.
local said, seen, codes, last_run = {}, {}, {}, nil
shell.must("mkdir -p " .. folder)
lay_out(scenario.files)
for i, step in ipairs(scenario.steps) do
  lay_out(step.files)
  shell.must(("cp -a %s %s/kept%d"):format(folder, root, i))
  local code, text = take(step)
  if code > 127 then fail("step %d ended by signal %d: %s", i, code - 128, text) end
  said[i], seen[i], codes[i] = tell(step, code, text), see(), code
  if step.run then last_run = { step = step, text = text } end
end
local after = table.concat(said, "\n") .. "\n\n" .. seen[#seen]

if renew then
  local source = shell.read(path)
  local first, last = source:find("after = %[%[.-%]%]")
  if not first then fail("there is no `after = [[…]]` in %s", path) end
  shell.write(path, source:sub(1, first - 1) .. "after = [[\n" .. after .. "]]" .. source:sub(last + 1))
  shell.must("rm -rf " .. root)
  print(path .. " now says:\n" .. after)
  os.exit(0)
elseif after ~= scenario.after then
  shell.write(root .. "/expected", scenario.after or "")
  shell.write(root .. "/actual", after)
  local _, difference = shell.run(("diff -u %s/expected %s/actual"):format(root, root))
  fail("it comes to something else:\n%s\nwhen that is right, accept it with:\n  lua5.4 %s %s %s --renew", difference, arg[0],
    weir, path)
end

-- 2. The same again writes nothing.
if scenario.quiet ~= false then
  local before = home.raw(db)
  local _, text = take(last_run.step)
  local summary = shell.summary(text) or fail("the repeat gives no summary: %s", text)
  if summary.answered ~= true and summary.line:find('"answered":true', 1, true) == nil then
    for _, count in ipairs { "created", "updated", "deleted" } do
      if summary[count] ~= 0 then fail("the repeat says %s %s", count, tostring(summary[count])) end
    end
  end
  local now = home.raw(db)
  if now ~= before then
    shell.write(root .. "/before", before .. "\n")
    shell.write(root .. "/repeated", now .. "\n")
    local _, difference = shell.run(("diff -u %s/before %s/repeated"):format(root, root))
    fail("the repeat changes home:\n%s", difference)
  end
end

-- 3. Each run killed at every point, and resumed.
local kills = 0
for i, step in ipairs(scenario.steps) do
  local n = step.run and 1 or math.huge
  while n < 1000 do
    shell.must(("rm -rf %s && cp -a %s/kept%d %s"):format(folder, root, i, folder))
    local code, text = take(step, "kill:" .. n)
    if code ~= 128 + 9 then
      if code ~= codes[i] then fail("step %d, not killed at point %d, exits with %d: %s", i, n, code, text) end
      break
    end
    kills = kills + 1
    -- A run that fails at some page may get further the second time: then the steps behind it must lead to the same.
    local j = i
    code, text = take(step)
    while codes[j] ~= 0 and scenario.steps[j + 1] do
      j = j + 1
      lay_out(scenario.steps[j].files)
      code, text = take(scenario.steps[j])
    end
    if code ~= codes[j] then fail("step %d, killed at point %d and run again, exits with %d: %s", j, n, code, text) end
    local now = see()
    if now ~= seen[j] then
      shell.write(root .. "/whole", seen[j])
      shell.write(root .. "/resumed", now)
      local _, difference = shell.run(("diff -u %s/whole %s/resumed"):format(root, root))
      fail("step %d, killed at point %d and run again, comes to another home:\n%s", i, n, difference)
    end
    n = n + 1
  end
  if step.run and codes[i] == 0 and n < 5 then fail("step %d passes %d points: is this a build with faults?", i, n) end
end
shell.must("rm -rf " .. root)
print(("%s: %d steps, killed and resumed %d times"):format(name, #scenario.steps, kills))
