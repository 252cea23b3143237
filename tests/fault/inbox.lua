-- Records are posted and taken in, and the process is killed at every point that it passes. lua5.4 inbox.lua WEIR
--
-- The client then does what a client does that got no answer: it posts the same again under the same key. At the end
-- every posted record must be in home once, or be a dead letter, or wait for a reference; and each has one receipt,
-- closed with the outcome that it has when nobody is killed.
package.path = arg[0]:match("^(.*)/") .. "/?.lua;" .. arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. package.path
local shell = require "shell"
local home = require "home"
local small = require "small"

local weir = small.absolute(arg[1])
local root = shell.folder()
local folder, db = root .. "/now", root .. "/now/data/org/home.db"

local function fail(...)
  io.stderr:write("inbox: ", string.format(...), "\nits files are kept in ", root, "\n")
  os.exit(1)
end

-- Two that are new, one of them changed in the same post; one that can't be read, one that waits for a well whose own
-- post comes later.
local requests = {
  [[{"post":"resource","key":"k1","records":[{"id":"w0","name":"Old well"},{"id":"w1","name":"North well"}]}]],
  [[{"post":"reading","key":"k2","records":[{"id":"r1","well":"w0","date":"2020-01-01","value":"1.50"},]] ..
  [[{"id":"r2","well":"w1","date":"2020-01-02","value":"about 7"},]] ..
  [[{"id":"r1","well":"w0","date":"2020-01-01","value":"1.75"},{"id":"r3","well":"w2","date":"2020-01-03","value":"3"},]] ..
  [[{"id":"r4","well":"w1","date":"2020-01-04","value":"4"}]}]],
  [[{"drain":true}]],
  [[{"post":"resource","key":"k3","records":[{"id":"w2","name":"South well"},{"id":"w1","name":"Far north"}]}]],
  [[{"drain":true}]],
}
local POSTED = 9

-- A well has a field that is computed, which is not of the page that brings it in.
small.lay_out(root .. "/before")
local script, changed = shell.read(root .. "/before/syncs/org/small.lua"):gsub(
  'resource = weir.datatype { key = "code", code = "text", name = "text" },',
  'resource = weir.datatype { key = "code", code = "text", name = "text", label = "text",\n' ..
  '      derive = { label = function(well) return well.name .. ", " .. well.code end } },')
assert(changed == 1)
shell.write(root .. "/before/syncs/org/small.lua", script)
shell.write(root .. "/requests", table.concat(requests, "\n") .. "\n")

local function take(fault)
  return shell.run(("cd %s && WEIR_PAGE=2 %s exec %s inbox syncs/org/small.lua --data data <%s/requests"):format(folder,
    fault and "WEIR_FAULT=" .. fault or "", weir, root))
end

local function fresh()
  shell.must(("rm -rf %s && cp -a %s/before %s"):format(folder, root, folder))
end

-- What home holds, and the receipts: their numbers may differ, for a post that was killed may have used some up.
local function see()
  local receipts = home.queries(db, { [[SELECT batch || ' ' || place || ' ' || state || ' ' || outcome || ' ' ||
    CASE WHEN home <> 0 THEN 'somewhere' ELSE 'nowhere' END || ' ' || code FROM weir_inbox ORDER BY batch, place]] })[1]
  local lines = { home.dump(db) }
  for _, row in ipairs(receipts) do lines[#lines + 1] = row[1] end
  return table.concat(lines, "\n"), #receipts
end

-- The records that were posted, by what became of them: each of the seven ids in one place alone.
local function check_places(n)
  local counts = home.queries(db, { [[SELECT (SELECT count(*) FROM resource), (SELECT count(*) FROM reading),
    (SELECT count(*) FROM weir_dead), (SELECT count(*) FROM weir_pending),
    (SELECT count(*) FROM weir_inbox WHERE state = 'waiting'), (SELECT count(*) FROM weir_run)]] })[1][1]
  local found = table.concat(counts, " ")
  if found ~= "3 3 1 0 0 0" then fail("killed at point %d, home has %s of each", n, found) end
end

fresh()
local code, text = take()
if code ~= 0 then fail("without a kill it exits with %d: %s", code, text) end
local whole, receipts = see()
if receipts ~= POSTED then fail("%d records were posted and there are %d receipts:\n%s", POSTED, receipts, text) end
check_places(0)
if not whole:find("label=Far north, w1", 1, true) then fail("the label is not computed:\n%s", whole) end
for _, outcome in ipairs { "k1 0 done created somewhere", "k2 0 done created somewhere", "k2 1 done dead nowhere W4007",
  "k2 2 done updated somewhere", "k2 3 done", "k3 1 done conflict somewhere" } do
  if not whole:find(outcome, 1, true) then fail("no receipt says '%s':\n%s", outcome, whole) end
end

local n = 1
while true do
  fresh()
  code, text = take("kill:" .. n)
  if code ~= 128 + 9 then
    if code ~= 0 then fail("not killed at point %d, it exits with %d: %s", n, code, text) end
    break
  end
  code, text = take()
  if code ~= 0 then fail("killed at point %d and run again, it exits with %d: %s", n, code, text) end
  local now = see()
  if now ~= whole then
    shell.write(root .. "/whole", whole .. "\n")
    shell.write(root .. "/resumed", now .. "\n")
    local _, difference = shell.run(("diff -u %s/whole %s/resumed"):format(root, root))
    fail("killed at point %d and run again, it comes to something else:\n%s", n, difference)
  end
  check_places(n)
  n = n + 1
end
if n < 30 then fail("it passes %d points: is this a build with faults?", n) end
shell.must("rm -rf " .. root)
print(("inbox: killed at %d points"):format(n - 1))
