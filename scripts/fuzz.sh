#!/bin/sh
# Fuzzes each target, or ONLY the one of that name, for SECONDS_EACH (60). What it learns stays in build/soak/NAME and is
# gone on with the next time; an input that breaks something is written there too, and ends it.
#   scripts/fuzz.sh        SECONDS_EACH=600 ONLY=url scripts/fuzz.sh
set -eu
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60} only=${ONLY:-}
scripts/setup.sh test
scripts/build.sh fuzz
found=
for target in build/fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$target" _fuzz)
    if [ -n "$only" ] && [ "$only" != "$name" ]; then
        continue
    fi
    found=yes
    echo "Fuzzing $name for $seconds s"
    mkdir -p "build/soak/$name"
    tests/fuzz/target.sh "$target" "tests/fuzz/corpus/$name" -max_total_time="$seconds" -print_final_stats=1 \
        -artifact_prefix="build/soak/$name-" "build/soak/$name"
done
[ -n "$found" ] || {
    echo "There is no fuzz target called '$only'" >&2
    exit 1
}
