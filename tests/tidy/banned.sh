#!/bin/sh
# Calls that are not made, each with what to use instead.
. "$(dirname "$0")/common.sh"
files 'c|h' src tools | while read -r file; do
    code_only "$file" | awk -v file="$file" '
        function ban(names, instead, allowed,    list, n, i) {
            n = split(names, list, " ")
            for (i = 1; i <= n; i++) { use[list[i]] = instead; except[list[i]] = allowed }
        }
        BEGIN {
            ban("strcpy strncpy stpcpy strcat strncat", "snprintf, arena_copy or a buffer")
            ban("sprintf vsprintf asprintf vasprintf", "snprintf, arena_print or buffer_print")
            ban("gets strtok scanf sscanf fscanf", "a reader of format/ or a loop over a struct text")
            ban("atoi atol atoll atof", "text_integer or decimal_read")
            ban("strdup strndup", "arena_copy")
            ban("malloc calloc realloc reallocarray free", "memory_take, memory_zero, memory_grow, memory_free", "^src/base/memory\\.c$")
            ban("alloca", "an arena")
            ban("localtime gmtime localtime_r mktime asctime ctime", "base/civil.h")
            ban("strftime gmtime_r timegm", "base/civil.h", "^src/script/sandbox_time\\.c$")
            ban("time gettimeofday clock_gettime", "the clock that the caller hands in", "^src/base/clock\\.c$")
            ban("rand srand random srandom drand48", "getrandom, once, at the edge")
            ban("setlocale", "nothing: weir does not depend on the locale")
            ban("system popen", "fork and exec with a list of arguments")
            ban("tmpnam tempnam mktemp", "mkstemp")
            ban("luaL_dostring luaL_dofile luaL_loadfile luaL_openlibs", "sandbox_call and sandbox_load")
            ban("sleep usleep", "a wait with a deadline")
            ban("strtol strtoul strtoll strtoull", "text_integer", "^src/base/(text|fault)\\.c$")
        }
        {
            rest = $0
            while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ ]*\(/)) {
                before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
                back = RSTART > 2 ? substr(rest, RSTART - 2, 2) : ""
                word = substr(rest, RSTART, RLENGTH); sub(/[ ]*\($/, "", word)
                if (word in use && before != "." && back != "->" && before != "*" &&
                    (except[word] == "" || file !~ except[word])) {
                    print file ":" NR ": " word " is not used here; use " use[word]
                }
                rest = substr(rest, RSTART + RLENGTH)
            }
        }'
done >"$found"
finish
