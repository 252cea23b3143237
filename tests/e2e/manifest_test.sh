# What a script declares, for a program to read; and syncs that are made of templates, from check to run.
. "$(dirname "$0")/support.sh"

mkdir -p syncs/acme syncs/templates syncs/datatypes
cat >syncs/datatypes/county.lua <<'LUA'
local weir = require "weir"
return { well = weir.datatype { key = "code", code = "text", depth = "decimal" }, note = weir.datatype { text = "text" } }
LUA
cat >syncs/acme/names.lua <<'LUA'
return { depth = "Depth" }
LUA
cat >syncs/acme/wells.lua <<'LUA'
local weir = require "weir"
local names = require "names"
return weir.sync {
  params = {
    file = weir.param.file { help = "The wells." },
    year = weir.param.integer { default = 2026 },
  },
  datasource = weir.csv { name = "files", file = weir.param "file", types = { well = { key = "Code" } } },
  datatypes  = require "county",
  types      = { "well" },
  pull       = { well = { code = "Code", depth = weir.number(names.depth) } },
  cron       = "0 3 * * *",
  zone       = "Asia/Kolkata",
  jitter     = "2m",
  exclusive  = true,
  limits     = { time = "2h", memory = "512MB" },
  on_crash   = "fail",
}
LUA
printf 'Code,Depth\nA1,12.5\nA2,7\n' >wells.csv

hash_of() {
    expect 0 manifest "$1"
    sed -n 's/.*"hash":"\([0-9a-f]\{32\}\)".*/\1/p' out
}

# --- what a script declares ---

expect 0 manifest syncs/acme/wells.lua --json
cp out first
expect 0 manifest syncs/acme/wells.lua --cpu 20 --memory 512000000 --parent $$
cmp -s out first || fail "the same script has another manifest"
said '{"sync":"acme/wells","hash":"'
said '"direction":"pull","datasource":"files","kind":"csv"'
said '"types":[{"name":"well","datatype":"well","pushes":false}],"datatypes":["note","well"]'
said '"params":[{"name":"file","type":"file","required":true,"default":null,"help":"The wells."},{"name":"year","type":"integer","required":false,"default":"2026","help":""}]'
said '"once":false,"every_us":0,"cron":"0 3 * * *","zone":"Asia/Kolkata","jitter_us":120000000,"exclusive":true,"template":false'
said '"limits":{"time_us":7200000000,"cpu_us":null,"memory_bytes":512000000},"on_crash":"fail"}'

# The hash is that of all the texts.
before=$(hash_of syncs/acme/wells.lua)
touch syncs/acme/wells.lua
echo 'return {}' >syncs/acme/other.lua
equal "the hash of the same texts" "$(hash_of syncs/acme/wells.lua)" "$before"
echo '-- more' >>syncs/acme/names.lua
beside=$(hash_of syncs/acme/wells.lua)
[ "$beside" != "$before" ] || fail "the hash does not cover a module beside the script"
echo '-- more' >>syncs/datatypes/county.lua
shared=$(hash_of syncs/acme/wells.lua)
[ "$shared" != "$beside" ] || fail "the hash does not cover a module of datatypes"
echo '-- more' >>syncs/acme/wells.lua
[ "$(hash_of syncs/acme/wells.lua)" != "$shared" ] || fail "the hash does not cover the script"

# What is wrong is JSON too, whoever asks.
sed 's/jitter /jiter /' syncs/acme/wells.lua >syncs/acme/bad.lua
expect 3 manifest syncs/acme/bad.lua
said '{"error":{"code":"W2005","message":"weir.sync has no option \"jiter\"; did you mean \"jitter\"?","place":"syncs/acme/bad.lua:14"}}'
expect 3 manifest syncs/acme/none.lua
said '{"error":{"code":"W1003"'
echo 'while true do end' >syncs/acme/bad.lua
expect 3 manifest syncs/acme/bad.lua
said '{"error":{"code":"W2003"'
expect 5 manifest syncs/acme/wells.lua --parent 1
said '{"error":{"code":"W6'
expect 2 manifest syncs/acme/wells.lua --cpu 0
said '{"error":{"code":"W1002"'

# --- a sync of a template ---

sed -e 's/^  types /  template = true, types /' -e '/cron\|zone\|exclusive/d' -e 's/jitter .*/every = "1h",/' \
    -e '/names = require/d' -e 's/names.depth/"Depth"/' syncs/acme/wells.lua >syncs/templates/well_file.lua
cat >syncs/acme/north.json <<'JSON'
{"template": "well_file", "params": {"year": 2025}, "cron": "@daily", "types": ["well"]}
JSON
expect 0 manifest syncs/templates/well_file.lua
said '"template":true'
expect 0 manifest syncs/acme/north.json
said '"sync":"acme/north"'
said '"every_us":0,"cron":"@daily","zone":"UTC"'
said '"template":false'
said '"params":[{"name":"file"'
unsaid '"name":"year"'
expect 0 check syncs/acme/north.json
said "good: acme/north reads files (csv)"
expect 0 preview syncs/acme/north.json --param file=wells.csv
said "12.5"
expect 0 run syncs/acme/north.json --param file=wells.csv --json
said '"created":2'
expect 0 run syncs/acme/north.json --param file=wells.csv --json
said '"created":0'
expect 0 get acme well --json
said '"depth":12.5'
expect 0 status acme --json
said 'acme/north'

# Either text changes the hash.
before=$(hash_of syncs/acme/north.json)
echo ' ' >>syncs/acme/north.json
beside=$(hash_of syncs/acme/north.json)
[ "$beside" != "$before" ] || fail "the hash does not cover the settings"
echo '-- more' >>syncs/templates/well_file.lua
[ "$(hash_of syncs/acme/north.json)" != "$beside" ] || fail "the hash does not cover the template"

expect 3 run syncs/acme/north.json --param file=wells.csv --param year=2024
erred "the parameter year is given twice; it stands in syncs/acme/north.json"
expect 3 run syncs/templates/well_file.lua --param file=wells.csv
erred "the folder templates is no organisation's"
echo '{"template": "well_file", "typse": ["well"]}' >syncs/acme/north.json
expect 3 manifest syncs/acme/north.json
said '"message":"a sync of a template has no \"typse\"; did you mean \"types\"?","place":"syncs/acme/north.json"'
echo '{"template": "../acme/wells"}' >syncs/acme/north.json
expect 3 check syncs/acme/north.json
erred "template takes a script's plain name"
echo '{"template": "well_file"' >syncs/acme/north.json
expect 3 check syncs/acme/north.json
erred "syncs/acme/north.json byte 26"
