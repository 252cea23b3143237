# Records put, deleted and exported by hand.
. "$(dirname "$0")/support.sh"
weir init . >/dev/null
weir run syncs/example/first.lua --quiet

printf '%s\n' '{"id":1,"population":1}' '{"name":"Lyon","country":"France"}' '' 'nonsense' '[1]' \
    '{"name":"Bern","country":"Switzerland","population":1}' '{"population":"many","id":2}' '{"nothing":1}' >lines
code=0
weir put example city --json <lines >out 2>err || code=$?
equal "the exit code" "$code" 1
said '{"line":1,"outcome":"updated","id":1}'
said '"line":2,"outcome":"created"'
said '{"line":4,"outcome":"refused","error":{"code":"W3005"'
said '"line":5,"outcome":"refused"'
said '{"line":6,"outcome":"unchanged","id":1}'
said '"line":7,"outcome":"refused","error":{"code":"W4001"'
said '"line":8,"outcome":"refused"'
weir get city 1 --json >out
said '"population":1'
said '"origin":"put"'
said '"name":"Bern"'
weir put city <lines >out 2>err || true
said "0 created, 0 updated, 3 unchanged, 4 refused"
erred "at line 4"

# What get gives, put takes.
weir get city --json >all
expect 0 put city <all
said "5 unchanged, 0 refused"

id=$(grep Lyon all | sed 's/.*"id":\([0-9]*\).*/\1/')
expect 0 delete city "$id"
expect 1 delete city "$id"
erred "W5011"
expect 1 get city "$id"

printf '%s\n' '{"name":"=1+1, \"x\"","country":"X"}' | weir put city --json >/dev/null
expect 0 export city
said 'id,name,country,population'
said '"=1+1, ""x""",X,'
expect 0 export city --people
said "\"'=1+1, \"\"x\"\"\",X,"
expect 0 export city --format tsv
said "Jodhpur	India	1033918"
expect 0 export city --format jsonl --output cities.jsonl
said "5 records"
equal "exported lines" "$(wc -l <cities.jsonl)" 5
expect 2 export city --format xml
expect 1 export city --output nowhere/x.csv
expect 0 export temperature
said "-1.5,false"
