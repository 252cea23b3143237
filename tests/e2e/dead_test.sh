# Records that can't go in: listed, written out, mended, tried again, dropped.
. "$(dirname "$0")/support.sh"
weir init . >/dev/null
printf 'code,name,country,inhabitants\nBRN,Bern,Switzerland,many\nQQQ,ragged\nTMS,Tromsø,Norway,64448\nJDH,Jodhpur,India,1\nADL,Adelaide,Australia,2\n' >syncs/example/cities.csv

expect 0 run syncs/example/first.lua
said "dead letters"
said "weir dead list example/first"
expect 0 dead list
said "W4007"
said "W3003"
expect 0 dead list example/first --json
equal "dead letters" "$(wc -l <out)" 2
id=$(sed -n 's/^{"id":\([0-9]*\),.*W4007.*/\1/p' out)
other=$(sed -n 's/^{"id":\([0-9]*\),.*W3003.*/\1/p' out)
expect 0 dead show "$id"
said "inhabitants"
said "many"
expect 1 dead show 999
expect 0 dead list --csv --output rejected.csv
erred "2 rejected rows are in rejected.csv"
head -n 1 rejected.csv >out
said "code,name,country,inhabitants,weir_code,weir_reason,weir_place,weir_raw"
grep -q '^BRN,Bern,Switzerland,many,W4007,' rejected.csv || fail "the row is not in rejected.csv: $(cat rejected.csv)"
grep -q '"QQQ,ragged"$' rejected.csv || fail "the raw row is not in rejected.csv: $(cat rejected.csv)"

# Mended in the script: what is no number is left empty.
sed -i 's/population = .*/population = function(r) return tonumber(r.inhabitants) end,/' syncs/example/first.lua
expect 0 dead retry syncs/example/first.lua "$id" --json
said '"status":"done"'
expect 0 get city --json
said '"name":"Bern"'
expect 0 dead list --json
equal "dead letters after the retry" "$(wc -l <out)" 1
expect 1 dead drop "$id"
erred "nothing was dropped"
expect 0 dead drop "$other"
expect 0 dead list
said "no dead letters"
