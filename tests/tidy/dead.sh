#!/bin/sh
# No file without a user: a header that only its own .c includes, a .c of which nothing is used elsewhere.
. "$(dirname "$0")/common.sh"
files 'h|def|inc' src | while read -r header; do
    name=${header#src/}
    own=${header%.*}.c
    users=$(grep -rlF "include \"$name\"" src tools 2>/dev/null | grep -vxF -e "$own" -e "$header" || true)
    [ -n "$users" ] || echo "$header: nobody includes it but its own file; remove it, or move what it says into $own"
done >"$found"
files c src | grep -v '^src/main\.c$' | while read -r file; do
    # What it defines for others: names at the first column, not static, before a parenthesis, a bracket or an equals.
    names=$(code_only "$file" | grep -E '^[A-Za-z_]' | grep -vE '^(static|typedef|struct [a-z_]+ \{|enum( [a-z_]+)? \{|extern|_Static)' |
        sed -nE 's/^[A-Za-z_][A-Za-z0-9_ *]*[ *]([a-z_][A-Za-z0-9_]*)(\(|\[| = ).*/\1/p' | sort -u)
    used=
    for name in $names; do
        if grep -rlwF "$name" --include='*.c' src tools 2>/dev/null | grep -qvxF "$file"; then
            used=yes
            break
        fi
    done
    [ -n "$used" ] || echo "$file: no other file uses what it defines; remove it"
done >>"$found"
finish
