#!/bin/sh
# clang-tidy with the checks of .clang-tidy over every file of src/.
. "$(dirname "$0")/common.sh"
need clang-tidy
[ -f "$build/compile_commands.json" ] || { echo "configure first: cmake --preset dev"; exit 1; }
jobs=$(nproc 2>/dev/null || echo 2)
files c src | xargs -P "$jobs" -n 4 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null |
    grep -E '(warning|error):' | sed "s|^$root/||" | sort -u >"$found" || true
finish
