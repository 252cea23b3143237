#!/bin/sh
# A function that takes a lua_State * may be left by a raised error at any call: it must own nothing that a raise
# would leak, so it takes no memory and opens nothing. A function of struct script * or struct sandbox *
# never raises: it calls Lua through sandbox_call alone.
. "$(dirname "$0")/common.sh"
files 'c|h' src/script | while read -r file; do
    code_only "$file" | awk -v file="$file" '
        /^[A-Za-z_]/ { head = "" }
        !inside { head = head " " $0 }
        /\{$/ && !inside && head ~ /\(/ { inside = 1; raises = head ~ /lua_State \*[a-zA-Z_]+[,)]/; calm = !raises && head ~ /struct (script|sandbox) \*/ }
        /^}/ { inside = 0; head = "" }
        inside && calm && /(^|[^A-Za-z0-9_])(lua_callk?|lua_error|luaL_error)\(/ {
            print file ":" NR ": a raise in a function of struct script * or struct sandbox *, which never raises; call Lua through sandbox_call"
        }
        inside && raises && match($0, /(^|[^A-Za-z0-9_])(memory_take|memory_zero|memory_grow|buffer_init|arena_init|map_init|fopen|opendir|batch_init)\(/) {
            call = substr($0, RSTART, RLENGTH); gsub(/[^A-Za-z0-9_]/, "", call)
            print file ":" NR ": " call " in a function that takes a lua_State *: a raise leaks it; take it in a function of struct script *, from an arena, or as a userdata with __gc"
        }'
done >"$found"
finish
