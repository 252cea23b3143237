-- The first implementation did nothing, and said finished, when "Reading" stood for "reading": here that is a mistake in
-- the script, found before anything moves.
return function(t)
  local remote = t.faulty()
  t.seed(remote, 3)
  for _, wrong in ipairs { 'types = { "Well" },', 'pull = { Well = { code = "code" } },', 'push = { Well = { code = "code" } },' } do
    t.wells { sync = wrong }
    local run = t.run "wells"
    t.check(run.code ~= 0 and run.status ~= "done", "%s is taken: %s", wrong, run.text)
    t.check(run.text:find "Well", "it doesn't say what is wrong: %s", run.text)
  end
  t.equal(#remote.log().requests, 0, "the requests")
end
