-- pouchdb-server: a change feed with its own cursor, deletes that say so, conflicts as 409.
return function(t)
  local remote = t.pouchdb()
  remote.ask("PUT", "/wells")
  local docs = t.json.array {}
  for i = 1, 12 do docs[i] = { _id = "w" .. i, name = "Well " .. i } end
  remote.post("/wells/_bulk_docs", { docs = docs })
  t.script("wells", [[
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "remote", base = "{{url}}/wells",
    page = weir.page.cursor { cursor = "since", next = "last_seq", limit = "limit", size = 5 },
    types = {
      well = { path = "/_changes", key = "id", cursor = "seq", since = "since", records = "results", gone = "deleted",
        query = { include_docs = "true" } },
    },
  },
  datatypes = { well = weir.datatype { key = "code", code = "text", name = "text" } },
  direction = "pull",
  types = { "well" },
  pull = { well = { code = "id", name = weir.path("doc", "name") } },
  deletes = { at_most = "50%" },
}
]])
  t.done("wells", { created = 12 })
  t.quiet "wells"
  local rev = remote.get("/wells/w3")._rev
  remote.ask("PUT", "/wells/w3", { _rev = rev, name = "Renamed" })
  remote.ask("DELETE", "/wells/w4?rev=" .. remote.get("/wells/w4")._rev)
  remote.ask("PUT", "/wells/w13", { name = "Well 13" })
  t.done("wells", { created = 1, updated = 1, deleted = 1 })
  t.equal(t.home_one("well", "code", "w3").name, "Renamed")
  t.equal(#t.home "well", 12, "home's wells")
  t.quiet "wells"
end
