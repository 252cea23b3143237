#!/bin/sh
# luacheck over the script library and every sync.
. "$(dirname "$0")/common.sh"
need luacheck
for folder in lua syncs tests; do
    [ ! -d "$folder" ] || find "$folder" -name '*.lua' | grep -v '^tests/\(fuzz\|script\)/' || true
done | xargs -r luacheck --formatter plain --no-color >"$found" || true
finish
