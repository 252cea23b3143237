# What keeps a sync from a web API before and while it runs: settings, secrets, addresses, servers that refuse. Each
# message says what is wrong, where, and what to do.
. "$(dirname "$0")/support.sh"
county_start
rm data/settings

mkdir -p syncs/demo
cat >syncs/demo/wells.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name  = "county",
    base  = weir.param "base",
    auth  = weir.auth.bearer(weir.secret "token"),
    types = { well = { path = "/wells", key = "id" } },
  },
  datatypes = { well = weir.datatype { name = "text" } },
  types     = { "well" },
  params    = { base = weir.param.text },
  pull      = { well = { name = "name" } },
  errors    = { retry = 0 },
}
LUA
run() {
    expect "$1" run syncs/demo/wells.lua --param "base=$2"
}

# --- secrets ---

run 3 "$county"
erred "W2010"
erred "WEIR_SECRET_TOKEN"
erred "./data/secrets/demo/token"
erred "syncs/demo/wells.lua:6"
mkdir -p data/secrets/demo
echo 'much-too-secret' >data/secrets/demo/token
chmod 644 data/secrets/demo/token
run 3 "$county"
erred "chmod 600 it"
chmod 600 data/secrets/demo/token

# --- settings and private addresses ---

run 1 "$county"
erred "W3021"
erred "127.0.0.1"
erred "DATA/settings: allow_private = ADDRESS"
printf '# ours\n\nallow_private = 127.0.0.1, 10.0.0.0/99\n' >data/settings
run 3 "$county"
erred 'data/settings line 3: "10.0.0.0/99" is no address or range'
expect 3 preview syncs/demo/wells.lua --param "base=$county"
erred "line 3"
printf 'allow_private = 10.0.0.0/8\nallow_privat = 127.0.0.1\n' >data/settings
run 3 "$county"
erred 'data/settings line 2: there is no setting "allow_privat"'
erred "allow_private"
expect 0 check syncs/demo/wells.lua
printf 'allow_private = 10.0.0.0/8 # the office\nallow_private = 127.0.0.1\n' >data/settings
run 0 "$county"

# --- servers that refuse: the secret is shown nowhere ---

county answer 401 X x '{"error":{"message":"the token is unknown"}}' >/dev/null
run 1 "$parrot"
erred "W3028"
erred "401: the token is unknown"
erred "Check the secret"
county answer 200 Content-Type text/html '<html><title>Sign in</title></html>' >/dev/null
run 1 "$parrot"
erred "W3032"
erred "login page"
run 1 "https${county#http}"
erred "weir: W302"
county answer 500 Content-Type text/plain 'out of order' >/dev/null
run 1 "$parrot"
erred "500: out of order"
expect 0 log demo
said "500: out of order"
cat out err data/demo/home.db >all
if grep -q much-too-secret all; then fail "the secret is shown or kept"; fi

# --- a script's mistakes: nothing is asked of the server ---

sed 's/  auth  =/  autth =/' syncs/demo/wells.lua >syncs/demo/bad.lua
expect 3 check syncs/demo/bad.lua
erred 'did you mean "auth"'
erred "syncs/demo/bad.lua:6"
sed 's/path = /pat = /' syncs/demo/wells.lua >syncs/demo/bad.lua
expect 3 check syncs/demo/bad.lua
erred 'types.well has no option "pat"; did you mean "path"'
sed 's/  types     =/  direction = "both", types =/' syncs/demo/wells.lua >syncs/demo/bad.lua
expect 3 check syncs/demo/bad.lua
erred "push = { "
