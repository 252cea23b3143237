# `weir view`: home's records as a sync would send them, a request and a page a line.
. "$(dirname "$0")/support.sh"
weir init . >/dev/null

mkfifo asked answered
"$program" view syncs/example/first.lua --cpu 60 <asked >answered 2>err &
viewer=$!
exec 5>asked 6<answered
ask() {
    printf '%s\n' "$1" >&5
    IFS= read -r line <&6 || fail "no answer to $1: $(cat err)"
    printf '%s\n' "$line" >out
}

# Home may come later than the one who looks at it.
ask '{"type":"city"}'
said '{"event":"failed","error":{"code":"W5010"'
weir run syncs/example/first.lua --quiet

# A type that isn't pushed comes as home has it.
ask '{"type":"city","limit":2}'
said '{"event":"page","records":[{"id":1,"seq":1,"externalId":"BRN","record":{"name":"Bern","country":"Switzerland","population":'
said '"count":2,"skipped":0}'
next=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' out)
ask "{\"type\":\"city\",\"limit\":2,\"after\":\"$next\"}"
said '"externalId":"TMS"'
unsaid '"externalId":"BRN"'
said '"next":null'
ask '{"type":"temperature","limit":1}'
said '"record":{"city":"BRN","day":"2024-01-15T00:00:00Z"'

# Offsets: start + page × limit, the first page is 0.
ask '{"type":"city","limit":2,"page":0}'
said '"externalId":"BRN"'
ask '{"type":"city","limit":1,"start":1,"page":2}'
equal "records by start and page" "$(grep -o '"externalId"' out | wc -l)" 1
said '"next":null'
ask '{"type":"city","start":99}'
said '{"event":"page","records":[],"next":null,"count":0,"skipped":0}'

# What doesn't fit is an answer too, and the next request is answered.
for bad in 'x' '[]' '{}' '{"type":"town"}' '{"type":7}' '{"type":"city","limit":0}' '{"type":"city","limit":1001}' \
    '{"type":"city","limit":"1"}' '{"type":"city","page":-1}' '{"type":"city","after":"1-1"}' '{"type":"city","afer":""}' \
    "{\"type\":\"city\",\"after\":\"$next\",\"page\":1}" "{\"type\":\"temperature\",\"after\":\"$next\"}"; do
    ask "$bad"
    said '{"event":"failed","error":{"code":"W'
done

# Each request sees home as it is then.
echo '{"id":1,"name":"Berne"}' | weir put example city >/dev/null
ask '{"type":"city","limit":1,"after":null}'
said '"name":"Berne"'
exec 5>&-
wait $viewer || fail "the viewer ends badly: $(cat err)"
[ ! -s err ] || fail "standard error: $(cat err)"

# A script that is newer than home: what it declares anew is null.
sed 's/celsius = "decimal"/celsius = "decimal", depth = "decimal"/; s/population = "integer"/population = "integer", mayor = "text"/' \
    syncs/datatypes/places.lua >places && mv places syncs/datatypes/places.lua
grep -q mayor syncs/datatypes/places.lua || fail "the datatype has no new field"
echo '{"type":"city","limit":1}' | weir view syncs/example/first.lua >out
said '"mayor":null'

expect 3 view syncs/example/nothing.lua
said '{"event":"failed","error":{"code":"W1003"'
erred "W1003"

# With a push it is what the push sends.
mkdir -p syncs/demo data
cat >syncs/demo/wells.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name  = "county",
    base  = weir.param "base",
    types = { well = { path = "/wells", key = "id", find = "label" }, pump = { path = "/pumps", key = "id" } },
  },
  datatypes = {
    well = weir.datatype { name = "text", dug = "time", depth = "decimal" },
    pump = weir.datatype { well = weir.ref "well" },
  },
  direction = "push",
  types     = { "well", "pump" },
  params    = { base = weir.param.text },
  push      = {
    well = {
      when  = function(r) print("looks at " .. r.name) return r.name ~= "secret" end,
      label = function(r) if r.name == "broken" then error("no label") end return r.name:upper() end,
      dug   = weir.time("dug", { formats = { "DD.MM.YYYY" } }),
    },
    pump = { well = weir.link "well" },
  },
}
LUA
cat >make.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "made", types = { well = { file = "wells.csv", key = "name" } } },
  datatypes = {
    well = weir.datatype { name = "text", dug = "time", depth = "decimal" },
    pump = weir.datatype { well = weir.ref "well" },
  },
  types = { "well" },
  pull = { well = { name = "name", dug = weir.time "dug" } },
}
LUA
mv make.lua syncs/demo/make.lua
printf 'name,dug\ndeep,2018-08-06T00:00:00Z\nsecret,2018-08-06T00:00:00Z\nbroken,\n' >syncs/demo/wells.csv
expect 0 run syncs/demo/make.lua --quiet
echo '{"well":1}' | weir put demo pump >/dev/null
printf '%s\n' '{"type":"well"}' '{"type":"pump"}' | weir view syncs/demo/wells.lua --param base=https://county.example >out
said '"text":"looks at deep"'
said '"record":{"dug":"06.08.2018","label":"DEEP"}}'
said '{"id":3,"error":{"code":"W4008","message":"no label"'
said '"next":null,"count":2,"skipped":1}'
said '"error":{"code":"W4021","message":"well 1, which it refers to, is not at county yet","place":"field well"}'
unsaid SECRET
weir status demo --json | grep -q '"sync":"demo/wells"' && fail "looking left a run" || true
