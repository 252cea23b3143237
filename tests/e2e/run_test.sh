# How runs end: exit codes, signals, a live run that is joined.
. "$(dirname "$0")/support.sh"
weir init . >/dev/null

# A mistake in a script leaves home untouched: there is none yet.
expect 3 run nothing.lua --json
said '{"run":null,"status":"failed","read":0,'
said '"error":{"code":"W1003"'
sed 's/datasource = files/datasorce = files/' syncs/example/first.lua >syncs/example/bad.lua
expect 3 run syncs/example/bad.lua
erred "did you mean"
erred "bad.lua"
expect 3 run syncs/example/first.lua --param nothing=1
erred "W2009"
[ ! -e data ] || fail "a mistake in a script made a home"
expect 4 status
expect 4 get example city
touch file
expect 4 run syncs/example/first.lua --data file/x
erred "W50"

# A missing source fails the run, and the run is told of.
mv syncs/example/cities.csv away
expect 1 run syncs/example/first.lua
erred "W1003"
erred "cities.csv"
expect 0 log
said "failed"
mv away syncs/example/cities.csv

# Many rows, so that there is a run to meet.
awk 'BEGIN { print "code,name,country,inhabitants"; for (i = 0; i < 200000; i++) print "C" i ",Name " i ",Land,1" }' \
    >syncs/example/cities.csv
printf 'city,date,celsius\n' >syncs/example/temperatures.csv

# SIGTERM ends it at a page's end; the next run goes on.
"$program" run syncs/example/first.lua --json >first 2>err &
live=$!
tries=0
until weir get example city --json --limit 1 2>/dev/null | grep -q name || [ $tries -gt 400 ]; do tries=$((tries + 1)); done
kill -TERM $live 2>/dev/null || true
code=0
wait $live || code=$?
case $code in
5) grep -q '"status":"interrupted"' first || fail "not interrupted: $(cat first)" ;;
0) echo "the run was done before it could be interrupted" ;;
*) fail "the interrupted run ends with $code: $(cat first)" ;;
esac
expect 0 run syncs/example/first.lua --json
said '"status":"done"'
equal "records" "$(weir get city --json | wc -l)" 200000

# Two at once: one runs, the other answers with its outcome, or runs after it; both are done.
rm -rf data
"$program" run syncs/example/first.lua --json >first 2>first.err &
one=$!
"$program" run syncs/example/first.lua --json >second 2>second.err &
two=$!
wait $one || fail "the first of two: $(cat first first.err)"
wait $two || fail "the second of two: $(cat second second.err)"
equal "records after both" "$(weir get city --json | wc -l)" 200000
equal "outcomes" "$(cat first second | grep -c '"status":"done"')" 2
