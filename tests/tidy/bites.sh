#!/bin/sh
# The checks themselves: a small tree with one mistake for each must make that check, and it alone, say so.
. "$(dirname "$0")/common.sh"
checks=$here
trees=$(mktemp -d)
trap 'rm -rf "$found" "$trees"' EXIT

plant() { # name, then a file and its text on standard input
    tree=$trees/$1
    mkdir -p "$tree/src/base" "$tree/src/model" "$tree/src/script" "$tree/src/engine" "$tree/tests" "$tree/lua"
    cp "$root/.clang-format" "$root/.clang-tidy" "$tree/"
    [ ! -f "$root/.luacheckrc" ] || cp "$root/.luacheckrc" "$tree/"
    mkdir -p "$(dirname "$tree/$2")"
    cat >"$tree/$2"
}

expect() { # name, check, words of its complaint
    if said=$(WEIR_BUILD="$trees/$1" sh "$checks/$2.sh" "$trees/$1" 2>&1); then
        echo "$2.sh lets $1 pass" >>"$found"
    elif ! echo "$said" | grep -qE -e "$3"; then
        echo "$2.sh on $1 does not say '$3' but: $said" >>"$found"
    fi
}

plant upward src/base/low.c <<'END'
#include "engine/run.h"
END
expect upward layers 'base/ must not include engine/run.h'

plant confined src/engine/loud.c <<'END'
#include <lua.h>
END
expect confined layers '<lua.h> is confined'

plant twice src/base/same.c </dev/null
plant twice src/model/same.c </dev/null
expect twice layers 'its name is taken'

plant long src/base/long.c <<END
int long_one(int a) {
$(yes '    a++;' | head -n 70)
    return a;
}
END
expect long sizes 'a function of 73 lines'

plant wide src/base/wide.c <<END
$(yes 'int wide;' | head -n 501)
END
expect wide sizes '501 lines'

plant copies src/base/copies.c <<'END'
// strcpy( in a comment and "strcpy(" in quotes are fine.
void copies(char *to, const char *from) {
    strcpy(to, from);
    other->free(to);
}
END
expect copies banned 'copies.c:3: strcpy is not used here; use snprintf'
[ "$(sh "$checks/banned.sh" "$trees/copies" | grep -c copies.c)" = 1 ] || echo "banned.sh finds too much" >>"$found"

plant raises src/script/raises.c <<'END'
static int raises(lua_State *lua) {
    char *held = memory_take(10);
    return 0;
}
END
expect raises lua_state 'raises.c:2: memory_take in a function that takes a lua_State'

plant calls src/script/calls.c <<'END'
bool calls(struct script *script) {
    lua_call(script->lua, 0, 0);
}
END
expect calls lua_state 'calls.c:2: a raise in a function of struct script'

plant unused src/base/unused.h <<'END'
int unused(void);
END
expect unused dead 'unused.h: nobody includes it'

plant lonely src/base/lonely.c <<'END'
int lonely(void) {
    return 1;
}
END
expect lonely dead 'lonely.c: no other file uses'

plant later src/base/later.c <<END
// FIX${none:-}ME: later
END
expect later words 'do it now'

plant paths src/base/paths.c <<END
const char *path = "/ho${none:-}me/somebody/file";
END
expect paths words 'a path of one machine'

plant needy src/base/needy.h <<'END'
struct needy {
    size_t count;
};
END
expect needy headers 'needy.h: does not compile alone'

plant layout src/base/layout.c <<'END'
int layout( void ){return 1;}
END
expect layout format 'layout.c:1: not laid out'

plant global lua/global.lua <<'END'
leaked = 1
END
expect global lua 'leaked'

plant unbraced src/base/unbraced.c <<'END'
int unbraced(int a) {
    if (a)
        return 1;
    return 0;
}
END
printf '[{"directory":"%s","file":"src/base/unbraced.c","command":"cc -c src/base/unbraced.c"}]\n' \
    "$trees/unbraced" >"$trees/unbraced/compile_commands.json"
expect unbraced lint 'should be inside braces'
finish
