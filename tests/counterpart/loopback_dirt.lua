-- What a real dump holds: dates of zero, rows without a time of change, duplicates, orphans, a zero value. Every row is
-- in home, or a dead letter, or waits.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote, 3)
  local function add(date, resource, value, changed)
    remote.sql("INSERT INTO reading (date, value, postcode, resourceid, createdat, updatedat) VALUES (?, ?, 313603, ?, ?, ?)",
      { date, value, resource, changed, changed })
  end
  local function day(n) return 1533081600000 + n * 86400000 end
  add("0000-00-00", 1110, 1, day(1)) -- no date
  add(day(40), 1110, 0, day(40)) -- a value of zero
  add(day(41), 1110, 5, t.json.null) -- no time of change
  add(day(42), 9999, 6, day(42)) -- an orphan
  add(day(43), 1110, 7, day(43)) -- the same reading twice, the same
  add(day(43), 1110, 7, day(44))
  add(day(45), 1111, 8, day(45)) -- and with another value
  add(day(45), 1111, 9, day(46))
  t.mywell(remote, { reading = "since = nil," })
  t.run "mywell"
  local count = #t.home "reading"
  local dead, waiting = #t.dead(), #t.rows "SELECT external FROM weir_pending WHERE home = 0"
  t.check(count >= 7, "%d readings in home", count)
  t.check(waiting == 1, "%d rows wait for a resource", waiting)
  t.check(dead >= 1, "%d dead letters", dead)
  t.equal(#remote.log("write", "reading"), 3, "nothing is pushed of it")
  t.quiet("mywell", remote.writes)
end
