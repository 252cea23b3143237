-- Home comes back from a backup, older than what was pushed since: nothing is made twice there.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 4)
  t.wells()
  t.done "wells"
  t.put("well", { code = "h1", name = "Here 1", depth = 1 })
  t.shell.must(("cp -a %s/data %s/backup"):format(t.folder, t.root))
  t.done "wells"
  t.put("well", { code = "h2", name = "Here 2", depth = 2 })
  t.done "wells"
  t.equal(#remote.data "well", 6, "the wells there")
  t.shell.must(("rm -rf %s/data && cp -a %s/backup %s/data"):format(t.folder, t.root, t.folder))
  t.done "wells"
  t.done "wells"
  remote.nothing_doubled("well", "code")
  t.equal(#remote.data "well", 6, "the wells there, afterwards")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
