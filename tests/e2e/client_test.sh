# The commands with --server: they say what they say here, errors keep their codes, a run is watched live, Ctrl-C leaves
# it alone, and a server that goes away and comes back is taken up again.
. "$(dirname "$0")/support.sh"
unset WEIR_SERVER WEIR_TOKEN

# server_start [PORT]: a server in this folder; its address is $server.
server_start() {
    : >served
    "$program" serve --port "${1:-0}" >served 2>&1 &
    server_pid=$!
    tries=0
    until grep -q 'answers at' served; do
        tries=$((tries + 1))
        [ $tries -lt 1500 ] || fail "the server does not start: $(cat served)"
        sleep 0.02
    done
    server=$(sed -n 's/.* at \(http[^ ]*\) .*/\1/p' served)
}

end_all() {
    code=$?
    [ -z "$server_pid" ] || kill -9 "$server_pid" 2>/dev/null || true
    [ $code -ne 0 ] || (cd / && rm -rf "$folder")
    [ $code -eq 0 ] || echo "its files are kept in $folder" >&2
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

# same COMMAND…: what it says at the server is what it says here, but for the server's own folders, which it keeps to
# itself.
same() {
    expect 0 "$@" --data data
    sed "s#[^ ,\"]*/data/example/uploads/##g" out >here
    expect 0 "$@" --server "$server" --token @token
    diff here out >differs || fail "weir $* says other things at the server: $(cat differs)"
}

expect 0 init .
"$program" token create me --role ops-full --org example 2>/dev/null | grep -o '^weir_[0-9a-f]*$' >token
"$program" token create all --role ops-full --org '*' 2>/dev/null | grep -o '^weir_[0-9a-f]*$' >token-all
"$program" token create shop --role datasource --org example 2>/dev/null | grep -o '^weir_[0-9a-f]*$' >token-shop
chmod 600 token*

# Syncs whose function takes its time, so that a run can be watched.
for n in $(seq 4000); do echo "$n"; done | awk 'BEGIN { print "id,name" } { print $1 ",n" $1 }' >syncs/example/rows.csv
for name in shown left lost gone; do
    cat >"syncs/example/$name.lua" <<LUA
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "$name", types = { thing = { file = "rows.csv", key = "id" } } },
  datatypes = { thing = weir.datatype { name = "text" } },
  types = { "thing" },
  pull = { thing = { name = function(r)
    if r.id == "1" then print("at work") end
    for i = 1, 200000 do end
    return r.name
  end } },
}
LUA
done
cat >syncs/example/given.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "given", file = weir.param "file", types = { part = { key = "id" } } },
  params = { file = weir.param.file {} },
  datatypes = { part = weir.datatype { name = weir.field("text", { required = true }) } },
  types = { "part" },
  pull = { part = { name = weir.text "name" } },
}
LUA
server_start
trap end_all EXIT

# --- which side is meant ---

expect 2 status --server "$server" --data data
erred "either --data, for homes here, or --server"
expect 2 check syncs/example/first.lua --server "$server"
erred "works on homes here alone"
expect 2 cancel 3
erred "asks a server"
expect 2 status --token @token
erred "--token goes with --server"
expect 2 status --server weir.example.org --token @token
erred "takes a URL"
expect 2 status --server "$server"
erred "wants a token"
expect 1 status --server "$server" --token @nowhere
erred W1003
expect 2 run syncs/example/first.lua --server "$server" --token @token
erred "a server's sync is NAME or ORG/NAME, not a file"
expect 2 run first --cpu 10 --server "$server" --token @token
erred "a server bounds its own"

expect 2 run syncs/example/first.lua --patience 3
erred "--patience goes with --server"

# --- who asks ---

expect 1 status --server "$server" --token "weir_0000000000000000000000000000000000000000000000000000000000000000"
erred "others on this machine can see a token"
erred W7002
expect 0 status --server "$server" --token @token
[ ! -s err ] || fail "something stands on standard error: $(cat err)"
expect 1 run first --server "$server" --token @token-shop
erred W7003
expect 1 status --server "$server" --token @token-all
erred W7001 # which organisation?
expect 0 --server "$server" --token @token-all --org example status
WEIR_SERVER=$server WEIR_TOKEN=$(cat token) expect 0 status
said "no sync has run yet"
[ ! -s err ] || fail "something stands on standard error: $(cat err)"

# --- a run, and what is told of it ---

export WEIR_TOKEN=@token
for name in first given shown left lost gone; do # each once the server has found it
    tries=0
    until "$program" unpause $name --server "$server" >out 2>err; do
        tries=$((tries + 1))
        [ $tries -lt 1000 ] || fail "the server does not find $name"
        sleep 0.02
    done
done
expect 0 run first --server "$server"
said "example/first: done, run 1"
said "  created    12"
said "look at it: weir get example temperature --server $server"
same get example city
same get example city --json
same get example city 2
same get example temperature --limit 3
same dead list example/first
same conflicts list example
same deletes list example
expect 0 status --json --server "$server"
sed -e 's/"started":"[^"]*","ended":"[^"]*"/T/' -e 's/"run":[0-9]*/R/' out >there
expect 0 status example --json --data data
sed -e 's/"started":"[^"]*","ended":"[^"]*"/T/' -e 's/"run":[0-9]*/R/' out >here
diff here there || fail "status differs"
expect 0 run first --json --server "$server"
said '"status":"done","read":12,"created":0,"updated":0,"unchanged":12'
said '"sync":"example/first","params":{},"pending":null'
equal "lines" "$(wc -l <out)" 1
expect 0 run first --method validate --server "$server"
said "it was only looked at: nothing is written"
expect 1 run first --method sideways --server "$server"
erred W7001
expect 0 log --server "$server"
equal "runs" "$(grep -c 'example/first' out)" 3
expect 0 log first 1 --server "$server"
said "run 1 of example/first: done"
expect 1 run nothing --server "$server" --json
said '"error":{"code":"W5011"'
expect 1 pause .. --server "$server"
erred "there is no sync"
expect 1 pause 'first/pause?x=#' --server "$server"
expect 1 log 99 --server "$server"
erred "W5011 there is no run 99"
expect 0 pause first --json --server "$server"
said '"paused":true'
expect 0 unpause first --server "$server"
said "its schedule goes on"

# --- records ---

echo '{"id":1,"name":"B\"ern"}
{"bad":1}
{"name":"Nowhere","country":"None","population":1}' >lines
expect 1 put example city --json --server "$server" <lines
said '{"line":1,"outcome":"updated","id":1}'
said '{"line":2,"outcome":"refused","error":{"code":"W4003"'
said '{"line":3,"outcome":"created","id":'
expect 0 get city 1 --json --server "$server"
said '"name":"B\"ern"'
expect 0 links city --record 2 --json --server "$server"
said '{"datasource":"files","external":"JDH","id":2}'
expect 0 delete city 1 --server "$server"
expect 1 get city 1 --server "$server"
erred W5011
expect 1 get citty --server "$server"
erred "did you mean city"

# --- files, dead letters ---

printf 'id,name\n1,one\n2,\n3,three\n' >parts.csv
expect 0 run given --param file=parts.csv --server "$server"
said "  created       2"
said "weir dead list example/given --server $server"
erred "uploaded parts.csv as"
expect 0 uploads list --json --server "$server"
upload=$(sed -n 's/^{"id":"\([0-9a-f]*\)".*/\1/p' out)
said '"name":"parts.csv","kind":"csv"'
expect 0 run given --param "file=$upload" --quiet --server "$server"
expect 1 run given --param file=nowhere.csv --server "$server"
erred W1003
expect 0 dead list given --json --server "$server"
said '"code":"W4002"'
dead=$(sed -n 's/^{"id":\([0-9]*\),.*/\1/p' out)
same dead list example/given --csv
expect 0 dead show "$dead" --server "$server"
said "as it came:"
expect 0 dead retry given "$dead" --json --server "$server"
said '"dead":1'
expect 1 dead drop 4711 "$dead" --server "$server"
expect 0 dead list given --json --server "$server"
equal "dead letters" "$(wc -l <out)" 1
expect 0 dead drop "$dead" --server "$server"
said "dropped 1 dead letter"
expect 0 uploads drop "$upload" --server "$server"
head -c 9000000 /dev/zero >big.csv
expect 0 upload big.csv --json --server "$server"
said "\"sha256\":\"$(sha256sum big.csv | cut -d' ' -f1)\""

# --- a run on a terminal ---

script -qec "'$program' run shown --server $server" /dev/null >screen 2>&1 </dev/null || fail "$(cat screen)"
grep -qF 'waiting for example/shown' screen || fail "no word while it waits: $(cat screen)"
grep -qE 'thing .* [0-9]+ %  [0-9,]+ rows' screen || fail "no progress: $(cat screen)"
grep -qF 'example/shown: done' screen || fail "no end: $(cat screen)"

# --- Ctrl-C leaves the run alone ---

: >err
"$program" run left --verbose --json --server "$server" >out 2>err &
client=$!
wait_for err "at work"
"$program" run left --json --server "$server" >out2 2>err2 &
second=$!
wait_for err2 "example/left runs already: waiting for it to end"
kill -INT $client
code=0
wait $client || code=$?
equal "the exit code" "$code" 5
run=$(sed -n 's/^{"run":\([0-9]*\),"status":"running"}$/\1/p' out)
erred "run $run goes on at the server"
erred "weir cancel $run --server $server"
expect 0 cancel "$run" --server "$server"
said "run $run of example/left"
tries=0
until weir log "$run" --server "$server" | grep -q "example/left: cancelled"; do
    tries=$((tries + 1))
    [ $tries -lt 1000 ] || fail "run $run is not cancelled: $(weir log "$run" --server "$server")"
    sleep 0.02
done
code=0
wait $second || code=$?
equal "the exit code of the one that joined" "$code" 5
grep -q "^{\"run\":$run,\"status\":\"interrupted\".*\"answered\":true" out2 || fail "joined: $(cat out2)"
expect 0 resume "$run" --server "$server"
said "example/left: done, run $run"
expect 1 cancel "$run" --server "$server"
erred "run $run has ended already"

# --- a server that dies and comes back ---

: >err
"$program" run lost --verbose --server "$server" >out 2>err &
client=$!
wait_for err "at work"
kill -9 "$server_pid"
wait_for err "the server can't be reached, trying again"
server_start "${server##*:}"
code=0
wait $client || code=$?
equal "the exit code" "$code" 0
erred "the server is there again"
said "example/lost: done"

: >err
"$program" run gone --verbose --patience 1 --server "$server" >out 2>err &
client=$!
wait_for err "at work"
kill -9 "$server_pid"
code=0
wait $client || code=$?
equal "the exit code" "$code" 1
erred "goes on at the server, and nobody here knows how"
server_pid=

# --- what is no weir server, or a bad one ---

county_start
server=$parrot
expect_answer() { # CODE TEXT ANSWER…: what status ends with, when everything is answered so
    wanted_code=$1 wanted_text=$2
    shift 2
    equal "the parrot" "$(county answer "$@")" ok
    expect "$wanted_code" status --server "$server"
    erred "$wanted_text"
    cat out err >both
    ! grep -q "$(printf '\033')" both || fail "an escape came through: $(cat -v both)"
}
expect_answer 1 W3032 200 Content-Type text/html '<html>hello</html>'
expect_answer 1 W3032 200 Content-Type application/json '[1,2]'
expect_answer 1 'has no list "dead"' 200 Content-Type application/json '{"dead":7}'
expect_answer 1 'does not go on' 200 Content-Type application/json '{"dead":[{"sync":"x"}],"next":5}'
expect_answer 1 'and not by a weir server' 404 Content-Type application/json '{"error":"none"}'
expect_answer 1 W3030 502 Content-Type text/html '<h1>Bad gateway</h1>'
expect_answer 1 W3027 302 Location http://127.0.0.1:1/elsewhere moved
expect_answer 4 'W5010' 403 Content-Type application/json '{"error":{"code":"W5010","message":"\u001b[31mred\u001b[0m"}}'
equal "the parrot" "$(county answer 200 Content-Type application/json \
    '{"dead":[],"syncs":[],"runs":[{"id":1,"org":"o","sync":"s\u001b]0;x\u0007","status":"\u009b2J","message":"\u202e"}]}')" ok
expect 0 status --server "$server"
! grep -q "$(printf '\033')" out || fail "an escape came through: $(cat -v out)"

# --- without a stream it asks again and again ---

run='"id":3,"org":"o","sync":"s","method":"run","counts":{"read":5,"created":5}'
county answer 200 Content-Type application/json \
    "{$run,\"state\":\"running\",\"status\":\"running\",\"run\":{$run,\"state\":\"running\"},\"progress\":{\"type\":\"thing\",\"done\":1,\"total\":2,\"read\":3}}" >/dev/null
script -qec "'$program' run s --server $server" /dev/null >screen 2>&1 </dev/null &
client=$!
wait_for screen '50 %'
county answer 200 Content-Type application/json "{$run,\"state\":\"ended\",\"status\":\"done\"}" >/dev/null
wait $client || fail "$(cat screen)"
grep -qF 'o/s: done, run 3' screen || fail "no end: $(cat screen)"

# --- a datasource that asks to wait ---

waits="$run,\"state\":\"queued\",\"status\":\"waiting\",\"due\":\"2030-01-01T00:00:00Z\""
county answer 200 Content-Type application/json "{$waits,\"run\":{$waits}}" >/dev/null
expect 7 run s --server "$server"
said "the server goes on with it after 2030-01-01T00:00:00Z: weir log 3 --server $server"
