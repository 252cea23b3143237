-- A row that is committed late, with a time behind the watermark: the overlap finds it.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 10)
  t.wells { type = 'overlap = "5m",' }
  t.done("wells", { created = 10 })
  remote.edit { type = "well", create = { code = "late", name = "Late", depth = 1, updatedAt = "2024-01-01T00:00:02.500Z" } }
  t.done("wells", { created = 1 })
  t.wells_equal(remote)
  t.quiet("wells", remote.writes)
end
