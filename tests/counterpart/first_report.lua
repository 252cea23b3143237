-- The first implementation reported before its work was done: here the counts are of what is in.
return function(t)
  local remote = t.faulty()
  t.wells { http = "at_once = 8," }
  t.done "wells"
  local wells = {}
  for i = 1, 20 do wells[i] = { code = "h" .. i, name = "Here " .. i, depth = i } end
  t.put("well", wells)
  remote.plan { match = { method = "POST" }, times = 0, fault = "delay", ms = 30 }
  local run = t.done "wells"
  t.equal(remote.writes(), 20, "the writes there when it says that it is done")
  t.check(run.text:find '"pushed":20', "it says %s", run.text)
  t.wells_equal(remote)
end
