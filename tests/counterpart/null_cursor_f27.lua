-- Records without a time of change: taken and counted, or refused, as the script says; the watermark is not theirs.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 4)
  remote.edit({ type = "well", create = { code = "n1", name = "No time", depth = 1, updatedAt = t.json.null } })
  t.wells { type = "since = nil," }
  t.done("wells", { created = 5 })
  t.seed(remote, 1, 5)
  t.done("wells", { created = 1 })
  t.quiet("wells", remote.writes)
  t.shell.must(("rm -rf %s/data/org"):format(t.folder))
  t.wells { type = 'since = nil, without_cursor = "refuse",' }
  local run = t.run "wells"
  t.equal(run.dead, 1, "refused: " .. run.text)
  t.equal(#t.home "well", 5, "home's wells")
end
