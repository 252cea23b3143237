-- Rows that share one time, more of them than a page holds, and more that come with that same time later.
return function(t)
  local remote = t.faulty()
  remote.config { step = 0 }
  t.seed(remote, 10)
  for _, page in ipairs {
    'weir.page.offset { limit = "limit", offset = "offset", size = 3 }',
    'weir.page.keyset { after = "since", limit = "limit", size = 20 }',
  } do
    t.shell.must(("rm -rf %s/data/org"):format(t.folder))
    t.wells { page = page }
    t.done("wells", { created = #remote.data "well" })
    t.seed(remote, 2, #remote.data "well" + 1)
    t.done("wells", { created = 2 })
    t.wells_equal(remote)
    t.quiet("wells", remote.writes)
  end
end
