#!/bin/sh
# Every header compiles alone.
. "$(dirname "$0")/common.sh"
flags="-std=c11 -D_GNU_SOURCE -DWEIR_FAULTS -Isrc -Itests -Itests/support -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags lua5.4 sqlite3 zlib libxxhash)"
files h src tests | while read -r header; do
    printf '#include "%s"\ntypedef int nothing_else;\n' "$root/$header" |
        ${CC:-cc} $flags -fsyntax-only -x c - 2>/dev/null ||
        echo "$header: does not compile alone; include what it uses: ${CC:-cc} $flags -fsyntax-only $header"
done >"$found"
finish
