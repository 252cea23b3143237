#!/bin/sh
# target.sh TARGET CORPUS [OPTION …] [FOLDER …]: runs a target with the limits that all runs have, and its dictionary.
# New inputs go to the first FOLDER; the corpus is only read.
set -eu
target=$1 corpus=$2
shift 2
words=$(dirname "$corpus")/../$(basename "$corpus").dict
if [ -f "$words" ]; then
    set -- -dict="$words" "$@"
fi
exec "$target" -max_len=65536 -timeout=10 -rss_limit_mb=2048 "$@" "$corpus"
