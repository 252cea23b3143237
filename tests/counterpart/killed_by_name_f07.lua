-- Every fault point that stands in the source, killed at by its name in a sync both ways, and gone on from. A point that no
-- sync here passes fails the test, so that a new one cannot stay untested. The server's own points are its tests' (in
-- tests/server, and counterpart/hooks_killed).
local here = arg[0]:match("^(.*)/")

-- A sync is killed at a point, if it passes it; then both sides must come to the same. Gives whether it was.
local function killed(t, remote, name)
  t.shell.must(("rm -rf %s/data && cp -a %s/kept %s/data"):format(t.folder, t.root, t.folder))
  remote.restore()
  local summary = t.run("wells", "", "WEIR_PAGE=3 WEIR_FAULT=kill:" .. name)
  if summary.code ~= 128 + 9 and summary.code ~= 0 then t.fail("%s: ended with %d: %s", name, summary.code, summary.text) end
  local right, message = pcall(function()
    t.done "wells"
    t.done "wells"
    remote.nothing_doubled("well", "code")
    t.wells_equal(remote)
    t.equal(#t.dead(), 0, "dead letters")
    t.quiet("wells", remote.writes)
  end)
  if not right then t.fail("killed at %s: %s", name, message) end
  return summary.code ~= 0
end

local function keep(t, remote)
  remote.keep()
  t.shell.must(("rm -rf %s/kept && cp -a %s/data %s/kept"):format(t.root, t.folder, t.root))
end

-- What the points are passed in: a first load of a type without a key of its own, news on both sides, a write of which
-- nobody knows whether it went in.
local function worlds(t, remote)
  t.seed(remote, 6)
  local function wells() t.wells { sync = 'deletes = { at_most = "50%" },' } end
  return {
    function()
      wells()
      local text, count = t.shell.read(t.folder .. "/syncs/org/wells.lua"):gsub('key = "code", code =', "code =")
      t.equal(count, 1, "the keys in the script")
      t.write("syncs/org/wells.lua", text)
    end,
    function()
      wells()
      t.done "wells"
      t.seed(remote, 2, 7)
      remote.edit { type = "well", update = "2", set = { name = "Renamed there" } }
      t.put("well", { { code = "h1", name = "Here 1", depth = 1 }, { code = "w1", name = "Renamed here" } })
      t.delete("well", t.home_one("well", "code", "w4").id)
    end,
    function() t.equal(t.run("wells", "", "WEIR_FAULT=kill:target.write.after").code, 128 + 9, "the exit code") end,
  }
end

-- A token that can be used once is stored before it is used: killed in between, the old one is still there, whole.
local function killed_in_the_vault(t)
  local remote = t.oauth2()
  t.secret("client_secret", "keep it")
  t.secret("refresh", "refresh-first")
  t.script("vault", [[
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
  remote.post("/__config", { rotate = true })
  t.equal(t.run("vault", "", "WEIR_FAULT=kill:vault.put").code, 128 + 9, "killed at vault.put: the exit code")
  t.equal(t.shell.read(t.folder .. "/data/secrets/org/refresh"):match "%S+", "refresh-first", "the stored token")
  -- That one is spent; a person puts in another, which this server takes once.
  t.secret("refresh", "refresh-second")
  t.done "vault"
  t.check(t.shell.read(t.folder .. "/data/secrets/org/refresh"):match "%S+" ~= "refresh-second", "the new token is not stored")
end

return function(t)
  local open = {}
  local text = t.shell.must(([[grep -rhoE --exclude-dir=server 'fault_point\("[^"]*"\)' %s/../../src]]):format(t.shell.quote(here)))
  local points = 0
  for name in text:gmatch '"([^"]*)"' do
    t.check(not open[name], "two points are called %s", name)
    open[name], points = true, points + 1
  end
  t.check(points > 20, "%d points are in the source: does the search find them?", points)
  killed_in_the_vault(t)
  open["vault.put"] = nil
  t.shell.must(("rm -rf %s/data/org"):format(t.folder))
  local remote, kills = t.faulty(), 1
  for _, begin in ipairs(worlds(t, remote)) do
    begin()
    keep(t, remote)
    local names = {}
    for name in text:gmatch '"([^"]*)"' do names[#names + 1] = name end
    for _, name in ipairs(names) do
      if killed(t, remote, name) then
        open[name], kills = nil, kills + 1
      end
    end
    t.shell.must(("rm -rf %s/data && cp -a %s/kept %s/data"):format(t.folder, t.root, t.folder))
    remote.restore()
  end
  t.check(not next(open), "nothing was killed at %s: a point that no sync here passes", tostring(next(open)))
  t.told = ("%d points, killed %d times"):format(points, kills)
end
