# What a service's child does: it tells events, bounds itself whatever its script does, and ends with its parent.
. "$(dirname "$0")/support.sh"
mkdir -p syncs/busy
for n in $(seq 12000); do echo "$n"; done | awk 'BEGIN { print "id,name" } { print $1 ",n" $1 }' >syncs/busy/rows.csv

# script NAME ROWS BODY: a sync over the first so many rows, whose field is what BODY returns.
script() {
    head -n "$(($2 + 1))" syncs/busy/rows.csv >"syncs/busy/$1.csv"
    cat >"syncs/busy/$1.lua" <<LUA
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "$1", types = { thing = { file = "$1.csv", key = "id" } } },
  datatypes = { thing = weir.datatype { name = "text" } },
  types = { "thing" },
  pull = { thing = { name = function(r) $3 end } },
}
LUA
}

# wait_for FILE TEXT: until the file holds it.
wait_for() {
    tries=0
    until grep -qF -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 3000 ] || fail "$1 never held $2: $(cat "$1" 2>/dev/null)"
        sleep 0.02
    done
}

# wait_gone PID: until there is no such process.
wait_gone() {
    tries=0
    while kill -0 "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 3000 ] || fail "process $1 does not end"
        sleep 0.02
    done
}

# --- events ---

script plain 3 'return r.name'
expect 0 run syncs/busy/plain.lua --events --request 41
equal "the first line" "$(head -n 1 out)" '{"event":"began","run":1}'
said '{"event":"progress","type":"thing","done":23,"total":23,"read":3,"created":3,'
tail -n 1 out >last
mv last out
said '{"event":"ended","run":1,"status":"done","read":3,"created":3,'
said '"sync":"busy/plain","params":{}'
[ ! -s err ] || fail "something stands on standard error: $(cat err)"

# What fails before a run began is told in the same way, on the same stream.
expect 3 run syncs/busy/nothing.lua --events
equal "lines" "$(wc -l <out)" 1
said '{"event":"ended","run":null,"status":"failed",'
said '"error":{"code":"W1003"'
expect 2 run syncs/busy/plain.lua --events --method sideways
said '"error":{"code":"W1002"'
expect 2 run syncs/busy/plain.lua --events --cpu 0
said '"error":{"code":"W1002"'
expect 5 run syncs/busy/plain.lua --events --parent 1
said '"status":"interrupted"'
said '"error":{"code":"W6002"'

# The run's own story comes along.
mv syncs/busy/plain.csv away
expect 1 run syncs/busy/plain.lua --events
said '{"event":"log","at":"20'
said '"level":"error","text":"W1003'
said '"status":"failed"'
mv away syncs/busy/plain.csv
expect 0 dead retry syncs/busy/plain.lua --events
said '{"event":"ended","run":3,"status":"done"'

# --- a live run is joined ---

script slow 12000 'for i = 1, 60000 do end return r.name'
"$program" run syncs/busy/slow.lua --events >first 2>&1 &
live=$!
wait_for first '"began"'
expect 0 run syncs/busy/slow.lua --events
wait $live || fail "the live run: $(cat first)"
run=$(sed -n 's/^{"event":"began","run":\([0-9]*\)}$/\1/p' first)
said "{\"event\":\"joined\",\"run\":$run}"
unsaid '"began"'
said "{\"event\":\"ended\",\"run\":$run,\"status\":\"done\""
said '"answered":true'

# --- limits ---

# Processor time: the kernel ends it, the run is open, and the next one works.
script heavy 12000 'for i = 1, 4000000 do end return r.name'
code=0
"$program" run syncs/busy/heavy.lua --events --cpu 1 >out 2>err || code=$?
[ "$code" -gt 128 ] || fail "it ended with $code and not by a signal"
unsaid '"ended"'
expect 0 status busy --json
said '"sync":"busy/heavy"'
said '"status":"interrupted"'
script heavy 20 'return r.name'
expect 0 run syncs/busy/heavy.lua --events --cpu 100
said '"status":"done","read":20'

# Memory: an error of the run, before the script's own ceiling is met. A sanitizer's build reserves more than any limit.
if ! grep -qaE '__(asan|tsan)_init' "$program"; then
    script hungry 20 'local t = {} for i = 1, 50000 do t[i] = ("x"):rep(1000) .. i end return r.name'
    expect 1 run syncs/busy/hungry.lua --events --memory 60000000
    said '"error":{"code":"W1001"'
    expect 0 run syncs/busy/hungry.lua --events --memory 300000000
    said '"status":"done","read":20,"created":20'
fi

# A file that would grow past its limit is an error of home's, not a death; nothing of the page is in.
script large 12000 'return r.name:rep(100)'
expect 4 run syncs/busy/large.lua --events --file-size 300000
said '"status":"failed"'
said '"error":{"code":"W500'
expect 0 run syncs/busy/large.lua --events
said '"status":"done"'
expect 0 get busy thing --limit 0 --json
equal "records of large" "$(grep -c 'n12000n12000' out)" 1

# --- ending ---

# A function that does not come to its end is left where it is: no dead letter, no page.
script endless 20 'while true do end'
"$program" run syncs/busy/endless.lua --events >out 2>err &
live=$!
wait_for out '"began"'
kill -TERM $live
code=0
wait $live || code=$?
equal "the exit code" "$code" 5
said '"status":"interrupted","read":0'
expect 0 dead list busy/endless --json
equal "dead letters" "$(wc -l <out)" 0
script endless 20 'return r.name'
expect 0 run syncs/busy/endless.lua --events
said '"status":"done","read":20'

# A parent that dies takes its child along, at a page's end.
script orphan 12000 'for i = 1, 60000 do end return r.name'
"$program" run syncs/busy/plain.lua --quiet # so that home is there
sh -c '"$1" run syncs/busy/orphan.lua --events --parent $$ >orphaned 2>&1 &
    echo $! >pid
    until grep -q began orphaned; do sleep 0.02; done' sh "$program"
wait_gone "$(cat pid)"
mv orphaned out
said '"status":"interrupted"'
expect 0 run syncs/busy/orphan.lua --events
said '"status":"done","read":12000'
