#!/bin/sh
# run.sh TARGET CORPUS FOUND: replays the corpus, then fuzzes for ten seconds. The tree is only read.
set -eu
target=$1 corpus=$2 found=$3
[ -d "$corpus" ] && [ -n "$(ls "$corpus")" ] || {
    echo "$corpus is empty: a fuzz target needs a corpus"
    exit 1
}
mkdir -p "$found"
cd "$found"
"$target" -runs=0 -max_len=65536 -timeout=10 -rss_limit_mb=2048 "$corpus"
rm -rf new
mkdir new
exec "$target" -seed=1 -max_total_time=10 -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found/" new "$corpus"
