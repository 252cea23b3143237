# `weir run --method`: only looking, and one way alone.
. "$(dirname "$0")/support.sh"
weir init . >/dev/null

# --- validate: every record is looked at, nothing is written ---

expect 0 run syncs/example/first.lua --method validate
said "example/first: done"
said "valid    12"
said "nothing is written"
[ ! -e data ] || fail "a validation made a home"
printf 'code,name,country,inhabitants\nBRN,Bern,Switzerland,many\nQQQ,ragged\nTMS,Tromsø,Norway,64448\n' >syncs/example/cities.csv
expect 6 run syncs/example/first.lua --method validate
said "valid     9"
said "refused   2"
erred "warning: city line 2, field population: W4007 'many' is no number"
erred "city line 3"
[ ! -e data ] || fail "a validation made a home"
expect 6 run syncs/example/first.lua --method validate --json
said '{"run":null,"status":"warning","read":11,"created":0,'
said '"dead":2,'
said '"valid":9}'
expect 6 run syncs/example/first.lua --method validate --events
said '"level":"warning","text":"city line 2, field population: W4007'
said '{"event":"ended","run":null,"status":"warning","read":11,'
unsaid '"began"'

# All of them are shown, also where a run would show the first alone.
awk 'BEGIN { print "code,name,country,inhabitants"; for (i = 1; i <= 150; i++) print "C" i ",Name,Land,x" }' \
    >syncs/example/cities.csv
expect 1 run syncs/example/first.lua --method validate
erred "150 of 150 records are refused, which is past errors.stop_after = 100"
sed -i 's/^  pull = {/  errors = { stop_after = 1000 }, pull = {/' syncs/example/first.lua
expect 6 run syncs/example/first.lua --method validate
equal "warnings" "$(grep -c '^warning: city line' err)" 100
said "refused  150"

# What was in home before stays, watermark and all: the next run does what it would have done.
weir init again >/dev/null
expect 0 run again/syncs/example/first.lua
before=$(weir get example city --json | cksum)
echo 'OSL,Oslo,Norway,700000' >>again/syncs/example/cities.csv
expect 0 run again/syncs/example/first.lua --method validate
equal "home after a validation" "$(weir get example city --json | cksum)" "$before"
expect 0 run again/syncs/example/first.lua --json
said '"created":1'
expect 0 log example --json
equal "runs in home" "$(weir status example --json | grep -c '"sync":"example/first"')" 1

mv again/syncs/example/cities.csv away
expect 1 run again/syncs/example/first.lua --method validate
erred "W1003"

# --- one way alone ---

expect 2 run syncs/example/first.lua --method push
erred "goes the other way alone"
expect 2 run syncs/example/first.lua --method sideways
erred "--method takes validate, pull or push"
expect 2 dead retry syncs/example/first.lua --method pull

county_start
mkdir -p syncs/demo
cat >syncs/demo/wells.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name  = "county",
    base  = weir.param "base",
    page  = weir.page.offset { limit = "limit", offset = "offset", size = 2 },
    types = { well = { path = "/wells", key = "id", find = "name" } },
  },
  datatypes = { well = weir.datatype { name = "text", depth = "decimal" } },
  direction = "both",
  types     = { "well" },
  params    = { base = weir.param.text },
  pull      = { well = { name = "name", depth = weir.number "depth" } },
  push      = { well = { name = "name", depth = "depth" } },
  errors    = { retry = 0 },
}
LUA
county put wells 0 '{"name":"A","depth":1.5}' >/dev/null
run() {
    wanted=$1
    shift
    expect "$wanted" run syncs/demo/wells.lua --param "base=$county" --json "$@"
}
run 0 --method pull
said '"created":1'
echo '{"name":"B","depth":2}' | weir put demo well >/dev/null
county put wells 0 '{"name":"C","depth":3}' >/dev/null
run 0 --method pull
said '"created":1,'
said '"pushed":0'
equal "wells at the county" "$(county count wells)" 2
county put wells 0 '{"name":"D","depth":4}' >/dev/null
run 0 --method push
said '"read":0,"created":0'
said '"pushed":1'
equal "wells at the county" "$(county count wells)" 4
equal "wells in home" "$(weir get demo well --json | wc -l)" 3
run 0
said '"created":1'
equal "wells in home" "$(weir get demo well --json | wc -l)" 4

sed 's/direction = "both",/direction = "both", once = true,/' syncs/demo/wells.lua >syncs/demo/single.lua
expect 2 run syncs/demo/single.lua --param "base=$county" --method pull
erred "runs once, and both ways"
