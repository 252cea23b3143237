#!/bin/sh
# Shows what weir does in a minute: an import that is interrupted half-way, goes on, and loses nothing.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh demo
scripts/build.sh release
weir=build/release/src/weir
demo=build/demo
home=$demo/data/mywell/home.db
rm -rf "$demo"
mkdir -p "$demo"

step() {
    echo
    echo "── $1"
}
show() { # says the command as one would type it, and runs it
    echo "\$ weir $*"
    "$weir" "$@" --data "$demo/data" || code=$?
}
rows() {
    sqlite3 -readonly "$home" 'SELECT count(*) FROM reading' 2>/dev/null || echo 0
}

step "Two CSV files, made up: 500 wells and rain gauges, and 100,000 readings of them, some of them broken."
build/release/tools/weir_generate resources 500 >"$demo/resources.csv"
build/release/tools/weir_generate readings 100000 dirt >"$demo/readings.csv"
echo "\$ head -n 4 $demo/readings.csv"
head -n 4 "$demo/readings.csv"

step "First the resources: the readings refer to them."
show run syncs/mywell/csv_resources.lua --param file="$demo/resources.csv"

step "Then the readings. Half-way somebody presses Ctrl-C."
echo "\$ weir run syncs/mywell/csv_readings.lua --param file=$demo/readings.csv"
code=0
"$weir" run syncs/mywell/csv_readings.lua --param file="$demo/readings.csv" --data "$demo/data" &
run=$!
# Look into home while the run goes on; it can be read at any time.
while [ "$(rows)" -lt 40000 ] && kill -0 "$run" 2>/dev/null; do :; done
kill -INT "$run" 2>/dev/null || true
wait "$run" || code=$?
echo "(exit code $code)"
[ "$code" = 5 ] || echo "This machine was quicker than the key: the run was done already."
there=$(rows)
echo "$there readings are in home: every page that was finished, and nothing of the next one."

step "The same command again: it goes on where it stopped."
show run syncs/mywell/csv_readings.lua --param file="$demo/readings.csv"

step "What could not be used was kept, with the line and the reason. Nothing is lost silently."
show dead list mywell | head -n 8

step "Some readings wait for resources that nobody has sent yet. Now somebody does."
build/release/tools/weir_generate resources 505 >"$demo/resources.csv"
show run syncs/mywell/csv_resources.lua --param file="$demo/resources.csv"

step "The same file a third time: nothing changed, so nothing is written."
show run syncs/mywell/csv_readings.lua --param file="$demo/readings.csv"

step "Home is an ordinary SQLite file with typed tables."
echo "\$ sqlite3 -readonly $home 'SELECT …'"
sqlite3 -readonly -box "$home" "SELECT r.name, count(*) AS readings, round(avg(d.value), 2) AS mean
  FROM reading d JOIN resource r ON r.id = d.resource GROUP BY r.id ORDER BY r.id LIMIT 3"
echo
echo "The script that did this: syncs/mywell/csv_readings.lua"
