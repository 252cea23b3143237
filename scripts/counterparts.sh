#!/bin/sh
# Installs the servers that weir is tested against into build/counterparts, once for each tests/counterpart/package-lock.json.
# They are npm packages and no part of weir; one of them (sqlite3) is compiled, with the system's own node headers.
set -eu
cd "$(dirname "$0")/.."
from=tests/counterpart
to=build/counterparts
log=build/counterparts.log

fail() {
    echo "The servers to test against (tests/counterpart) can't be installed: $1" >&2
    [ $# -lt 2 ] || echo "$2" >&2
    exit 1
}

for program in node npm make g++ python3; do
    command -v $program >/dev/null 2>&1 ||
        fail "there is no $program." "On Debian: apt-get install nodejs npm make g++ python3"
done
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] ||
    fail "node is $(node --version), and they need 18 or newer."

# What is compiled fits one node alone.
wanted="$(cat $from/package.json $from/package-lock.json | sha256sum | cut -d' ' -f1) $(node -p 'process.versions.modules')"
[ "$(cat $to/.installed 2>/dev/null)" != "$wanted" ] || exit 0

echo "Installing the servers to test against into $to, with npm (a minute or two):"
node -p 'Object.entries(require("./'$from'/package.json").dependencies).map(([n, v]) => `    ${n} ${v}`).join("\n")'
rm -rf $to
mkdir -p $to
cp $from/package.json $from/package-lock.json $to/

# node-gyp would fetch the headers from the network; those beside node itself are the right ones.
prefix=$(dirname "$(dirname "$(node -p process.execPath)")")
[ ! -f "$prefix/include/node/node.h" ] || export npm_config_nodedir="$prefix"
# Nor is a ready-made sqlite3 looked for outside of npm's registry.
export npm_config_build_from_source=sqlite3

if ! (cd $to && npm ci --ignore-scripts=false --audit=false --fund=false --loglevel=error) >$log 2>&1; then
    tail -n 40 $log >&2
    fail "npm ended with an error (its last words are above; all of them are in $log)." \
        "It needs a registry that it can reach (npm config get registry) and a compiler; then run scripts/counterparts.sh again."
fi
# npm may leave out what a package wants to run when it is installed, and say no more than a warning.
(cd $to && node -e '
const { Database } = require("sqlite3");
new Database(":memory:").get("select 1 as one", (error, row) => process.exit(error || row.one !== 1 ? 1 : 0));
require("loopback"); require("json-server"); require("leveldown");
') >>$log 2>&1 || {
    tail -n 20 $log >&2
    fail "what npm installed doesn't load (the reason is above)." \
        "npm may have refused to run the install scripts of sqlite3 and leveldown: see npm config get ignore-scripts"
}
echo "$wanted" >$to/.installed
