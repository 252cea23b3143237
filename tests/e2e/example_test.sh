# What a newcomer types: init, check, preview, run, and looking at what came of it.
. "$(dirname "$0")/support.sh"

expect 0 init shop
said "made   shop/syncs/example/first.lua"
said "cd shop && weir run syncs/example/first.lua"
cd shop
[ ! -e data ] || fail "init made a home"
expect 0 check syncs/example/first.lua
said "temperature"
[ ! -e data ] || fail "check made a home"
expect 0 preview syncs/example/first.lua --rows 2
said "134794"
said "2024-01-15T00:00:00Z"
said "city BRN of files"
[ ! -e data ] || fail "preview made a home"

expect 0 run syncs/example/first.lua
said "example/first: done, run 1"
said "created    12"
expect 0 run syncs/example/first.lua --json
equal "the outcome" "$(outcome | cut -d, -f1-10)" \
    '{"run":2,"status":"done","read":12,"created":0,"updated":0,"unchanged":12,"skipped":0,"dead":0,"deleted":0,"pushed":0'
equal "lines with --json" "$(wc -l <out)" 1
expect 0 run syncs/example/first.lua --quiet
equal "what a quiet run says" "$(cat out err)" ""

expect 0 get example city
said "Tromsø"
expect 0 get city --limit 1
said "and more"
expect 0 get city 1 --json
said '"name":"Bern"'
expect 0 get city --json
equal "cities" "$(wc -l <out)" 4
expect 1 get city 99
erred "W5011"
expect 1 get citty
erred "did you mean 'city'"
expect 4 get nobody city
erred "W5010"

expect 0 status
said "example/first"
said "done"
expect 0 status --json
said '"sync":"example/first"'
expect 0 log
said "example/first"
expect 0 log example 1
said "run 1 of example/first: done"
expect 1 log 77
expect 0 links city
said "JDH"
expect 0 dead list
said "no dead letters"

# A second init and a second new leave everything alone.
echo "-- mine" >>syncs/example/first.lua
expect 0 init
said "kept   syncs/example/first.lua"
grep -q -- "-- mine" syncs/example/first.lua || fail "init wrote over a file"
expect 0 new example/second
expect 0 check syncs/example/second.lua
said "file"
expect 1 new example/second
expect 2 new ../evil
expect 2 new nothing

# DATA anywhere on the line.
expect 0 --data other run syncs/example/first.lua
expect 0 get --data other city 1
expect 0 status --data=other
