-- A sync both ways whose process is killed with SIGKILL at random moments of the clock, again and again, while people edit
-- both sides between and during its runs; now and then at a random fault point, with answers that are lost, or with the
-- datasource killed first. Every few kills it is left alone, and then everything must be where it belongs (people.lua).
--
-- WEIR_KILLS=2000 is how many (100), WEIR_SEED=7 the seed (1): of what is done and when, not of where a kill lands.
local people = require "people"

local EVERY = 5 -- kills between two looks
local VARIANTS = {
  { name = "since and find", type = "" },
  { name = "whole listings", type = "since = nil, cursor = nil,", deletes = true },
  { name = "since and key", type = 'find = nil, idempotency = "Idempotency-Key",', config = { idempotent = true } },
  { name = "arrays", type = 'create = { request = "POST /well", array = true, max = 5 },' },
}
local random = math.random

local function state(t)
  local list = t.shell.exists(t.folder .. "/data/org/home.db") and t.home_rows {
    "SELECT coalesce(max(id), 0) FROM weir_run",
    "SELECT status FROM weir_run ORDER BY id DESC LIMIT 1",
    "SELECT count(*) FROM weir_intent",
    "SELECT direction, text FROM weir_watermark WHERE direction IN ('pull', 'push')",
    "PRAGMA integrity_check",
  }
  if not list then return { run = 0, marks = {} } end
  local marks = {}
  for _, row in ipairs(list[4]) do marks[row[1]] = row[1] == "push" and tonumber(row[2]) or row[2] end
  t.equal(list[5], t.json.array { t.json.array { "ok" } }, "the integrity check")
  return { run = tonumber(list[1][1][1]), status = list[2][1] and list[2][1][1], intents = tonumber(list[3][1][1]), marks = marks }
end

-- Where a kill has landed.
local function landed(before, after)
  if after.run == before.run and (after.status ~= "running" or before.status == "running") then return "before the run began" end
  if after.status ~= "running" then return "after its end" end
  return after.intents > 0 and "with writes under way" or "in the middle"
end

-- What is done in the background while the run goes, at some moment of its span: lines of sh, and what to do afterwards.
local function background(t, crowd, span, may_edit_there)
  local lines, ends = {}, {}
  for i = 1, random(0, 2) do
    local edit = crowd:at_home()
    local input = ("%s/put%d"):format(t.root, i)
    t.shell.write(input, edit.input and edit.input .. "\n" or "")
    lines[#lines + 1] = ("(sleep %.4f; exec %s %s --data data <%s) >%s.out 2>&1 & put%d=$!"):format(random() * span, t.program,
      edit.words, input, input, i)
    if random() < 0.2 then lines[#lines + 1] = ("(sleep %.4f; kill -9 $put%d) 2>/dev/null &"):format(random() * span, i) end
    ends[#ends + 1] = { variable = "put" .. i, done = function(code)
      if code ~= 0 and code ~= 137 then
        t.fail("%s ended with %d: %s", edit.words, code, t.shell.read(input .. ".out"))
      end
      edit.done(code == 0)
    end }
  end
  for i = 1, may_edit_there and random(0, 2) or 0 do
    local edit, done = crowd:at_remote()
    local file = ("%s/edit%d"):format(t.root, i)
    t.shell.write(file, t.json.encode(t.json.array { edit }))
    lines[#lines + 1] = ("(sleep %.4f; exec curl -gsSf --data-binary @%s %s/__edit -o %s.out) & edit%d=$!"):format(random() * span,
      file, t.names.url, file, i)
    ends[#ends + 1] = { variable = "edit" .. i, done = function(code)
      t.equal(code, 0, "curl's exit code")
      done(t.json.decode(t.shell.read(file .. ".out"))[1])
    end }
  end
  return lines, ends
end

-- One run that is killed somewhere. Gives whether it was.
local function kill_one(t, remote, crowd, loop)
  local kind = random()
  local kills_there, at_point = kind < 0.1, kind >= 0.1 and kind < 0.3
  local lines, ends = background(t, crowd, loop.span, not kills_there)
  local delay = (random() < 0.5 and random() or 0.4 + 0.8 * random()) * loop.span
  local plan = {}
  if kind > 0.85 then
    plan[1] = { match = { method = ({ "GET", "POST", "PATCH" })[random(1, 3)] }, nth = random(1, 3),
      fault = ({ "lost", "drop", "gateway", "truncated" })[random(1, 4)] }
  end
  -- Slow writes: more kills meet one on its way, and it goes in although nobody waits for it any more.
  for _, method in ipairs(random() < 0.5 and { "POST", "PATCH", "DELETE" } or {}) do
    plan[#plan + 1] = { match = { method = method }, fault = "delay", ms = random(1, 6), times = 0 }
  end
  remote.plan(table.unpack(plan))
  local fault = at_point and ("WEIR_FAULT=kill:%d"):format(random(1, loop.points)) or ""
  -- A small log is copied into home all the time, so that kills fall into that too.
  local log = random() < 0.5 and "WEIR_LOG=16384" or ""
  table.insert(lines, 1, ("cd %s\nWEIR_PAGE=3 %s %s %s run syncs/org/wells.lua --data data --quiet >%s/run.out 2>&1 & run=$!"):format(
    t.folder, log, fault, t.program, t.root))
  if kills_there then lines[#lines + 1] = ("(sleep %.4f; kill -9 %d) &"):format(delay * random(), remote.pid) end
  lines[#lines + 1] = at_point and "" or ("sleep %.4f; kill -9 $run 2>/dev/null"):format(delay)
  lines[#lines + 1] = "wait $run; echo run=$?"
  for _, one in ipairs(ends) do lines[#lines + 1] = ("wait $%s; echo %s=$?"):format(one.variable, one.variable) end
  lines[#lines + 1] = "wait"
  local _, text = t.shell.run(table.concat(lines, "\n"))
  for _, one in ipairs(ends) do
    one.done(tonumber(text:match("%f[%w]" .. one.variable .. "=(%d+)")) or t.fail("nothing is said of %s: %s", one.variable, text))
  end
  if kills_there then
    remote.back()
    loop.back = loop.back + 1
  else
    remote.plan()
  end
  local code = tonumber(text:match "run=(%d+)")
  if code > 128 and code ~= 137 then t.fail("the run ended by signal %d: %s", code - 128, t.shell.read(t.root .. "/run.out")) end
  if not ({ [0] = true, true, [6] = true, [137] = true })[code] then
    t.fail("the run ended with %d: %s", code, t.shell.read(t.root .. "/run.out"))
  end
  if at_point then return code == 137 end
  -- On a machine that is busy everything takes longer: about two in three kills are to meet a run.
  loop.span = loop.span * (code == 137 and 1.02 or 0.96)
  return code == 137
end

-- Left alone it comes to its end: everything where it belongs, and then quiet.
local function settle(t, remote, crowd, loop)
  for _ = 1, 3 do t.done "wells" end
  -- A create without find that could not be asked after waits for a person, who sees that no pull has found it.
  for _, one in ipairs(t.dead()) do t.equal(one[3], "W4022", "the dead letter's code") end
  if #t.dead() > 0 then
    loop.parked = loop.parked + #t.dead()
    local code, text = t.weir "dead retry syncs/org/wells.lua"
    t.equal(code, 0, "dead retry: " .. text)
    for _ = 1, 2 do t.done "wells" end
  end
  local count = crowd:settled()
  t.wells_equal(remote)
  local sets = t.rows "SELECT number FROM weir_linkset WHERE datatype = 'well'"
  t.equal(#sets, 1, "the sets of links")
  local links = t.home_rows {
    ("SELECT count(*), count(DISTINCT l.home), count(w.id) FROM weir_link_%s l LEFT JOIN well w ON w.id = l.home"):format(sets[1][1]),
    "SELECT count(*) FROM weir_intent",
    "SELECT count(*) FROM weir_pending",
    "SELECT type, external, code, reason FROM weir_dead",
    "SELECT count(*) FROM weir_held",
    ("SELECT external FROM weir_link_%s"):format(sets[1][1]),
  }
  t.equal(links[1][1], { tostring(count), tostring(count), tostring(count) }, "links, their records, and those that are there")
  t.equal({ links[2][1][1], links[3][1][1], #links[4], links[5][1][1] }, { "0", "0", 0, "0" },
    "intents, what waits, dead letters " .. t.json.encode(links[4]) .. ", what is held")
  local externals = {}
  for _, row in ipairs(links[6]) do externals[row[1]] = true end
  for _, one in ipairs(remote.data "well") do t.check(externals[tostring(one.id)], "%s has no link", one.code) end
  t.quiet("wells", remote.writes)
  remote.keep()
  remote.restore() -- with an empty log
end

local function compare_marks(t, before, after)
  for direction, mark in pairs(before.marks) do
    local now = after.marks[direction]
    t.check(now and now >= mark, "the %s watermark goes back, from %s to %s", direction, mark, tostring(now))
  end
end

local function begin(t, remote, variant, loop)
  t.shell.must(("rm -rf %s/data/org"):format(t.folder))
  remote.plan()
  remote.config { idempotent = variant.config ~= nil }
  for _, well in ipairs(remote.data "well") do remote.edit { type = "well", delete = well.id } end
  t.wells { type = variant.type, sync = 'deletes = { at_most = "80%" },' }
  local crowd = people.new(t, remote, random, variant.deletes)
  for _ = 1, 12 do
    local edit, done = crowd:at_remote()
    done(remote.edit(edit)[1])
  end
  settle(t, remote, crowd, loop)
  return crowd
end

-- How long a whole run with some news takes, and how many points it passes.
local function measure(t, loop)
  t.put("well", { code = "measured", name = "Measured", depth = 1 })
  local text = t.shell.must(([[cd %s
begin=$(date +%%s%%N)
WEIR_PAGE=3 WEIR_FAULT=count %s run syncs/org/wells.lua --data data --quiet 2>&1
echo took $(($(date +%%s%%N) - begin))]]):format(t.folder, t.program))
  loop.span = tonumber(text:match "took (%d+)") / 1e9
  loop.points = tonumber(text:match "passed: (%d+)")
end

local function go(t, remote, loop, kills)
  for number, variant in ipairs(VARIANTS) do
    local crowd = begin(t, remote, variant, loop)
    if number == 1 then
      measure(t, loop)
      crowd:add(nil, "measured", nil, { name = "Measured", depth = 1 }, true)
    end
    local before, share = state(t), kills // #VARIANTS + (number <= kills % #VARIANTS and 1 or 0)
    for i = 1, share do
      loop.at = ("%s, kill %d"):format(variant.name, i)
      if i % EVERY == 1 then for _ = 1, random(0, 2) do crowd:clash() end end
      for _ = 1, random(0, 2) do
        local edit = crowd:at_home()
        t.equal(t.weir(edit.words, edit.input and edit.input .. "\n"), 0, edit.words .. ": the exit code")
        edit.done(true)
      end
      local killed = kill_one(t, remote, crowd, loop)
      local after = state(t)
      compare_marks(t, before, after)
      local where = killed and landed(before, after) or "missed"
      loop.landed[where] = (loop.landed[where] or 0) + 1
      before = after
      if i % EVERY == 0 or i == share then
        settle(t, remote, crowd, loop)
        before = state(t)
        compare_marks(t, after, before)
      end
    end
    loop.edits, loop.clashes = loop.edits + crowd.edits, loop.clashes + crowd.clashes
  end
end

return function(t)
  local kills = tonumber(os.getenv "WEIR_KILLS") or 100
  local seed = tonumber(os.getenv "WEIR_SEED") or 1
  math.randomseed(seed)
  local remote = t.faulty "--durable"
  local loop = { landed = {}, edits = 0, clashes = 0, back = 0, parked = 0 }
  local right, message = xpcall(go, function(problem)
    return type(problem) == "string" and problem:find("%.lua:%d+:") and debug.traceback(problem, 2) or problem
  end, t, remote, loop, kills)
  if not right then t.fail("WEIR_SEED=%d, %s: %s", seed, loop.at or "at first", message) end
  local words = {}
  for where, count in pairs(loop.landed) do words[#words + 1] = ("%d %s"):format(count, where) end
  table.sort(words)
  local hits = kills - (loop.landed.missed or 0)
  t.check(hits >= kills // 3, "of %d kills %d met a run", kills, hits)
  t.told = ("seed %d, %d of %d kills met a run (%s); %d edits, %d on both sides; the datasource killed %d times, %d creates left to a person"):format(seed, hits,
    kills, table.concat(words, ", "), loop.edits, loop.clashes, loop.back, loop.parked)
end
