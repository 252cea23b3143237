#!/bin/sh
# run.sh TARGET CORPUS FOUND: replays the corpus, then fuzzes for ten seconds. The tree is only read. Fails when an input
# breaks something, and leaves it in FOUND.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=$1 corpus=$2 found=$3
[ -d "$corpus" ] && [ -n "$(ls "$corpus")" ] || {
    echo "$corpus is empty: a fuzz target needs a corpus"
    exit 1
}
mkdir -p "$found"
cd "$found"
sh "$here/target.sh" "$target" "$corpus" -runs=0
rm -rf new
mkdir new
exec sh "$here/target.sh" "$target" "$corpus" -seed=1 -max_total_time=10 -print_final_stats=1 \
    -artifact_prefix="$found/" new
