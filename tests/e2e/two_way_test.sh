# A sync in both directions, seen from the command line: what check says of it, conflicts, deletes that are held, a
# server that asks to wait.
. "$(dirname "$0")/support.sh"
county_start

mkdir -p syncs/datatypes syncs/demo syncs/office
cat >syncs/datatypes/water.lua <<'LUA'
local weir = require "weir"
return {
  well = weir.datatype { key = "name", name = "text", depth = "decimal", owner = "text" },
  note = weir.datatype { text = "text" },
}
LUA
cat >syncs/demo/wells.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name  = "county",
    base  = weir.param "base",
    page  = weir.page.offset { limit = "limit", offset = "offset", size = 2 },
    types = {
      well = { path = "/wells", key = "id", find = "name" },
      note = { path = "/notes", key = "id", cursor = "updatedAt", since = "since" },
    },
  },
  datatypes = require "water",
  direction = "both",
  types     = { "well", "note" },
  params    = { base = weir.param.text },
  pull      = {
    well = { name = "name", depth = weir.number "depth", owner = "owner" },
    note = { text = "text" },
  },
  push      = { well = { name = "name", depth = "depth", owner = "owner" } },
  deletes   = { at_most = 1 },
  errors    = { retry = 0 },
}
LUA
sed 's/at_most = 1/at_most = "100%"/' syncs/demo/wells.lua >syncs/office/wells.lua

# --- which way each type goes, and where to ---

expect 0 check syncs/demo/wells.lua
said "good: demo/wells reads and writes county (http)"
unsaid " at http"
expect 0 check syncs/demo/wells.lua --param "base=$county"
said "(http) at $county"
grep -q '^well  both  well ' out || fail "well does not go both ways"
grep -q '^note  pull  note ' out || fail "note is not only pulled"
expect 0 check syncs/demo/wells.lua --param "base=$county" --json
said "\"address\":\"$county\""
said '"ways":{"well":"both","note":"pull"}'

# --- the first records; a preview writes nothing ---

for well in A B C D E F; do
    equal "the county's answer" "$(county put wells 0 "{\"name\":\"$well\",\"depth\":1.5,\"owner\":\"village\"}")" ok
done
county put notes 0 '{"text":"rain"}' >/dev/null
expect 0 preview syncs/demo/wells.lua --param "base=$county" --rows 1
said 'well → well'
said 'name       A'
said 'note → note'
[ ! -e data/demo ] || fail "a preview made a home"

# Of a sync that only sends nothing comes in; and nothing was counted as read.
sed 's/direction = "both"/direction = "push"/; /^  pull /,/^  },/d' syncs/demo/wells.lua >syncs/demo/send.lua
sed -i 's/{ "well", "note" }/{ "well" }/' syncs/demo/send.lua
expect 0 check syncs/demo/send.lua
said "good: demo/send writes county"
grep -q '^well  push  well ' out || fail "well does not go out"
expect 0 preview syncs/demo/send.lua --param "base=$county"
said "only sends"

run() {
    wanted=$1
    shift
    expect "$wanted" run "syncs/$1.lua" --param "base=$county" --json
}
run 0 demo/wells
said '"read":7,"created":7'
run 0 office/wells
said '"created":7'

expect 0 run syncs/demo/send.lua --param "base=$county"
unsaid "read"
said "pushed  0"

# --- conflicts ---

expect 0 conflicts list demo
said "no conflicts"
echo '{"name":"A","owner":"school"}' | weir put demo well >/dev/null
county put wells 1 '{"owner":"the town"}' >/dev/null
run 0 demo/wells
said '"conflicts":1'
expect 0 run syncs/demo/wells.lua --param "base=$county"
unsaid "conflicts"
expect 0 conflicts list demo
said "ID  TYPE  RECORD  HOME  LOST"
said '"owner":"school"'
expect 0 conflicts list demo note
said "no conflicts"
expect 0 conflicts list demo --json
said '"kind":"edit","datasource":"county","type":"well","external":"1"'
said '"lost":{"name":"A","depth":1.5,"owner":"school"}'
expect 0 conflicts show demo 1
said "who lost   home"
said "owner      school"
expect 0 conflicts show demo 1 --json
expect 1 conflicts show demo 7
erred "demo has no conflict 7"
expect 2 conflicts show demo seven
# What lost is brought back by putting it.
weir conflicts show demo 1 --json | sed 's/.*"lost":\({[^}]*}\).*/\1/' | weir put demo well >/dev/null
run 0 demo/wells
said '"pushed":1'
expect 0 get demo well --json
said '"owner":"school"'

# --- deletes held on the way out: two where one may go ---

expect 0 deletes list demo
said "no deletes are held"
id_of() { weir get demo well --json | sed -n "s/^{\"id\":\([0-9]*\),.*\"name\":\"$1\".*/\1/p"; }
weir delete demo well "$(id_of B)" >/dev/null
weir delete demo well "$(id_of C)" >/dev/null
expect 6 run syncs/demo/wells.lua --param "base=$county"
said "deletes held"
said "weir deletes list demo"
equal "the county's wells" "$(county count wells)" 6
expect 0 deletes list demo
said "the datasource"
said "waits"
expect 0 deletes list demo --json
equal "held deletes" "$(grep -c '"deletes_in":"datasource".*"approved":false' out)" 2
run=$(sed -n 's/.*"run":\([0-9]*\),.*/\1/p' out | head -n 1)
expect 1 deletes approve demo 99
erred "holds no deletes"
expect 2 deletes approve demo soon
expect 0 deletes approve demo "$run"
said "approved 2 deletes"
expect 0 deletes list demo --limit 1
said "approved"
said "--limit 0 shows all"
run 0 demo/wells
equal "the county's wells after approval" "$(county count wells)" 4
expect 0 deletes list demo
said "no deletes are held"

# --- and on the way in: dropped, then held again at the next complete listing ---

run 0 office/wells
said '"deleted":2'
weir delete office well 1 >/dev/null
weir delete office well 4 >/dev/null
run 0 office/wells
equal "the county's wells after the office deleted" "$(county count wells)" 2
run 6 demo/wells
said '"held":2'
expect 0 deletes list demo
said "home"
run=$(weir deletes list demo --json | sed -n 's/.*"run":\([0-9]*\),.*/\1/p' | head -n 1)
expect 0 deletes drop demo "$run" --json
said '{"dropped":2}'
expect 0 deletes list demo --json
equal "held deletes after the drop" "$(wc -l <out)" 0
run 6 demo/wells
said '"held":2'

# --- a server that asks to wait ---

county answer 429 Retry-After 3600 '{"error":"enough"}' >/dev/null
expect 7 run syncs/demo/wells.lua --param "base=$parrot"
said "waiting"
said "its place is kept; after 2"
said "weir run syncs/demo/wells.lua"
expect 7 run syncs/demo/wells.lua --param "base=$parrot" --json
said '"status":"waiting"'
grep -q '"until":"2[0-9-]*T[0-9:]*' out || fail "it does not say until when"
expect 0 status demo
said "waiting"
expect 0 log demo
said "waiting"
