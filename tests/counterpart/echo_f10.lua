-- The datasource keeps another form of what it is given: trimmed and in lower case. It doesn't come back as a change, and
-- isn't sent again.
return function(t)
  local remote = t.faulty()
  remote.config { trim = t.json.array { "name" }, lower = t.json.array { "name" } }
  for _, way in ipairs { 'read_back = "reply",', 'read_back = "find",', 'read_back = "one",', 'read_back = "none",' } do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.wells { type = way }
    t.done "wells"
    t.put("well", { { code = "h1" .. way, name = "  North WELL ", depth = 1.50 }, { code = "h2" .. way, name = "South", depth = 2 } })
    t.done "wells"
    t.done "wells"
    local writes = remote.writes()
    t.quiet("wells", remote.writes)
    t.put("well", { code = "h2" .. way, name = " Renamed HERE " })
    t.done "wells"
    t.equal(remote.writes(), writes + 1, way .. " the writes after one edit")
    t.done "wells"
    t.equal(remote.writes(), writes + 1, way .. " the writes after its echo")
    t.quiet("wells", remote.writes)
  end
end
