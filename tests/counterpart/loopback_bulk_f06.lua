-- A whole array is answered with an error while its good rows are in, the one with an unknown resource too: nothing is
-- made twice, and what was refused is a dead letter.
return function(t)
  local remote = t.loopback()
  t.mywell_seed(remote, 0)
  t.mywell(remote)
  t.done "mywell"
  local resource = t.home_one("resource", "number", "1110").id
  local other = t.home_one("resource", "number", "1111").id
  local readings = {}
  for i = 1, 9 do
    readings[i] = { resource = i == 7 and other or resource, value = i, datetime = ("2018-08-%02dT00:00:00Z"):format(i) }
  end
  readings[4].datetime = "2099-01-01T00:00:00Z"
  t.put("reading", readings)
  remote.sql "DELETE FROM resource WHERE id = 1111"
  t.run "mywell"
  t.run "mywell"
  local rows = remote.sql "SELECT date, resourceid, count(*) AS n FROM reading GROUP BY 1, 2 HAVING n > 1"
  t.equal(rows, t.json.array {}, "readings that were made twice")
  t.equal(remote.sql("SELECT count(*) AS n FROM reading")[1].n, 8, "the readings there")
  local dead = t.dead()
  t.equal(#dead, 1, "the dead letters: " .. t.json.encode(dead))
  t.check(dead[1][4]:find "day ahead", "its reason: %s", dead[1][4])
end
