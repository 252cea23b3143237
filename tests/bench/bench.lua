-- Measures weir against `sqlite3 .import` of the same file: lua5.4 tests/bench/bench.lua BUILD WORK [ROWS]
--
-- Machines are noisy and differ, so only ratios count: every round runs each row once, one after the other, and a
-- row's figure is the median over the rounds of its time divided by the yardstick's time in the same round.
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. package.path
local shell = require "shell"

local build, work = arg[1], arg[2]
local here = arg[0]:match("^(.*)/")
local rows = tonumber(arg[3] or os.getenv("WEIR_BENCH_ROWS") or 1000000)
local rounds = tonumber(os.getenv("WEIR_BENCH_ROUNDS") or 3)
local weir, generate, timed = build .. "/src/weir", build .. "/tools/weir_generate", build .. "/tools/weir_timed"

local function say(...) io.stdout:write(string.format(...), "\n") io.stdout:flush() end

local function data(name, count, words)
  local path = ("%s/%s_%d.csv"):format(work, name, count)
  if not shell.exists(path) then
    say("Writing %s", path)
    shell.must(("%s wide %d %s >%s.part && mv %s.part %s"):format(generate, count, words, path, path, path))
  end
  return path
end

-- Runs a command, gives seconds and kilobytes; it must end well.
local function measure(command)
  shell.must("sync")
  local code, text = shell.run(("%s %s/timed %s"):format(timed, work, command))
  local seconds, kilobytes, status = shell.read(work .. "/timed"):match("(%S+) (%S+) (%S+)")
  if code ~= 0 or status ~= "0" then error(command .. "\nended with " .. status .. " and said:\n" .. text) end
  return { seconds = tonumber(seconds), kilobytes = tonumber(kilobytes), text = text }
end

local function import(file, count)
  local db = work .. "/import.db"
  shell.must("rm -f " .. db .. "*")
  shell.must(([[sqlite3 %s "CREATE TABLE reading(id INTEGER PRIMARY KEY, date TEXT NOT NULL, pincode INTEGER,
    resourceId INTEGER, value REAL, unit TEXT, state TEXT, observer TEXT, note TEXT, updatedAt TEXT)"]]):format(db))
  local got = measure(("sqlite3 %s '.mode csv' '.import --skip 1 %s reading'"):format(db, file))
  local there = tonumber(shell.must("sqlite3 " .. db .. " 'SELECT count(*) FROM reading'"))
  assert(there == count, ".import brought " .. there .. " rows")
  return got
end

-- One run of a sync into a home. `expect` names counts that must come out, so that a failed run can't look quick.
local function run_with(home, sync, params, expect)
  local got = measure(("%s run %s/syncs/bench/%s.lua %s --data %s --json --quiet"):format(weir, here, sync, params, home))
  local summary = shell.summary(got.text)
  assert(summary and summary.status == "done", got.text)
  for name, count in pairs(expect) do
    assert(summary[name] == count, ("%s: %s is %s, not %d"):format(sync, name, tostring(summary[name]), count))
  end
  return got
end

local function run(home, sync, file, expect) return run_with(home, sync, "--param file=" .. file, expect) end

local function fresh(home)
  shell.must("rm -rf " .. home)
  return home
end

-- The rows of a CSV file as a JSON API: gives its port and how to end it. Without node there are no such rows.
local has_node = os.execute("command -v node >/dev/null 2>&1")
local function serve(file, delay_ms)
  local at = work .. "/port"
  shell.must("rm -f " .. at)
  local pipe = assert(io.popen(("exec node %s/pages.mjs %s %d >%s"):format(here, file, delay_ms, at), "w"))
  for _ = 1, 1200 do
    local port = shell.exists(at) and shell.read(at):match("(%d+)\n")
    if port then return port, function() pipe:close() end end
    shell.must("sleep 0.1")
  end
  error("the pages' server did not start")
end

-- A first load from it.
local function run_pages(home, port, size, expect)
  shell.write(fresh(home) .. "/settings", "allow_private = 127.0.0.1\n")
  return run_with(home, "pages", ("--param base=http://127.0.0.1:%s --param size=%d"):format(port, size), expect)
end

local ascending, shuffled, changed = data("ascending", rows, ""), data("shuffled", rows, "shuffled"),
  data("changed", rows, "changed")
local all, hundredth = { read = rows, created = rows, dead = 0 }, rows // 100
local a, b, c = work .. "/home_fields", work .. "/home_records", work .. "/home_shuffled"

local table_rows = {
  { "import", "sqlite3 .import, a typed table with an INTEGER key: the yardstick" },
  { "fields", "CSV to home, two derived fields in Lua / .import", gate = 0.80, aim = 0.55 },
  { "records", "the same with a whole-record function / .import", gate = 1.10, aim = 0.75 },
  { "same", "run again, nothing changed / .import", gate = 0.30, aim = 0.10 },
  { "hundredth", "run again, 1 % changed / .import", gate = 0.45, aim = 0.20 },
  { "shuffled", "ids in no order / ascending", gate = 1.60, aim = 1.20, over = "fields" },
  { "pages", "JSON API pages to home / CSV to home, the same rows", gate = 1.50, aim = 1.10, over = "fields" },
  { "duckdb", "CSV to home / DuckDB's load with a primary key", gate = 1.15, aim = 0.90, over = "fields", turned = true },
}

local duckdb = os.getenv("WEIR_BENCH_DUCKDB")
local measures = {
  import = function() return import(ascending, rows) end,
  fields = function() return run(fresh(a), "fields", ascending, all) end,
  records = function() return run(fresh(b), "records", ascending, all) end,
  same = function() return run(a, "fields", ascending, { read = rows, unchanged = rows, updated = 0, created = 0 }) end,
  hundredth = function()
    return run(a, "fields", changed, { read = rows, unchanged = rows - hundredth, updated = hundredth, created = 0 })
  end,
  shuffled = function() return run(fresh(c), "fields", shuffled, all) end,
  pages = has_node and function()
    local port, stop = serve(ascending, 0)
    local got = run_pages(work .. "/home_pages", port, 4000, all)
    stop()
    return got
  end,
  duckdb = duckdb and function()
    shell.must("rm -f " .. work .. "/duck.db*")
    return measure(("node %s/duckdb.mjs %s %s/duck.db %s %d"):format(here, duckdb, work, ascending, rows))
  end,
}

local function median(list)
  table.sort(list)
  local middle = #list // 2
  return #list % 2 == 1 and list[middle + 1] or (list[middle] + list[middle + 1]) / 2
end

local seconds, ratios = {}, {}
for _, row in ipairs(table_rows) do seconds[row[1]], ratios[row[1]] = {}, {} end
say("%d rows, %d interleaved rounds, %s", rows, rounds, shell.must("sqlite3 --version"):match("%S+"))
for round = 1, rounds do
  local now = {}
  for _, row in ipairs(table_rows) do
    local name = row[1]
    if measures[name] then
      now[name] = measures[name]().seconds
      table.insert(seconds[name], now[name])
    end
  end
  for _, row in ipairs(table_rows) do
    local name = row[1]
    if now[name] and row.gate then
      local over = now[row.over or "import"]
      table.insert(ratios[name], row.turned and over / now[name] or now[name] / over)
    end
  end
  local parts = {}
  for _, row in ipairs(table_rows) do
    if now[row[1]] then parts[#parts + 1] = ("%s %.2f s"):format(row[1], now[row[1]]) end
  end
  say("round %d: %s", round, table.concat(parts, ", "))
end

local missed = 0
local function line(text, figure, gate, aim, form)
  local verdict = figure <= aim and "aim reached" or figure <= gate and "gate kept" or "MISSED"
  if figure > gate then missed = missed + 1 end
  say("%-62s %9s %9s %9s   %s", text, form:format(figure), form:format(gate), form:format(aim), verdict)
end

say("")
say("%-62s %9s %9s %9s   %s", "row", "measured", "gate", "aim", "verdict")
for _, row in ipairs(table_rows) do
  local name = row[1]
  if not row.gate then
    say("%-62s %7.2f s", row[2], median(seconds[name]))
  elseif #ratios[name] > 0 then
    line(row[2], median(ratios[name]), row.gate, row.aim, "%.2f")
  else
    say("%-62s %9s   (node or npm's @duckdb/node-api is not there)", row[2], "skipped")
  end
end

-- Pages that take 20 ms each, four in flight: what weir adds to the least time that they can take. Enough pages that a
-- process's start does not count.
if has_node then
  local pages, size, delay_ms, in_flight = 400, 50, 20, 4
  local slow = data("ascending", pages * size, "")
  local port, stop = serve(slow, delay_ms)
  local expect = { read = pages * size, created = pages * size, dead = 0 }
  local spans = {}
  for _ = 1, rounds do table.insert(spans, run_pages(work .. "/home_slow", port, size, expect).seconds) end
  stop()
  line(("%d pages of %d ms, %d in flight / the least they can take"):format(pages, delay_ms, in_flight),
    median(spans) / (pages * delay_ms / 1000 / in_flight), 1.15, 1.05, "%.2f")
end

-- Memory has no noise worth a round of its own.
local five = data("ascending", rows * 5, "")
local small = run(fresh(a), "fields", ascending, all).kilobytes
local large = run(fresh(a), "fields", five, { read = rows * 5, created = rows * 5, dead = 0 }).kilobytes
line(("peak memory at %d rows, MB"):format(rows * 5), large / 1024, 64, 32, "%.1f")
line(("peak memory at %d rows / at %d"):format(rows * 5, rows), large / small, 1.10, 1.05, "%.2f")
if has_node then
  local port, stop = serve(ascending, 0)
  local one = run_pages(work .. "/home_pages", port, 4000, all).kilobytes
  stop()
  port, stop = serve(five, 0)
  local many = run_pages(work .. "/home_pages", port, 4000, { read = rows * 5, created = rows * 5, dead = 0 }).kilobytes
  stop()
  line(("JSON pages: peak memory at %d rows, MB"):format(rows * 5), many / 1024, 64, 32, "%.1f")
  line(("JSON pages: peak memory at %d rows / at %d"):format(rows * 5, rows), many / one, 1.10, 1.05, "%.2f")
end
shell.must(("rm -rf %s/home_pages %s/home_slow"):format(work, work))
shell.must(("rm -rf %s %s %s %s/import.db %s/duck.db*"):format(a, b, c, work, work))
if missed > 0 then
  say("\n%d of the gates were missed", missed)
  os.exit(1)
end
