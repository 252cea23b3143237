-- Home lost most of its records: they are not deleted there, until somebody approves.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 20)
  t.wells { sync = 'deletes = { at_most = "10%" },' }
  t.done "wells"
  for _, well in ipairs(t.home "well") do
    if well.id % 2 == 0 then t.delete("well", well.id) end
  end
  local run = t.run "wells"
  t.equal(remote.applied(), t.json.array {}, "what was deleted there")
  t.run "wells"
  t.equal(remote.applied(), t.json.array {}, "what another run deleted there")
  local code, text = t.weir(("deletes approve %s"):format(run.run))
  t.equal(code, 0, "approving: " .. text)
  t.done "wells"
  t.equal(remote.writes(), 10, "the deletes there after they were approved")
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
