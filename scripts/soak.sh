#!/bin/sh
# The long tests: the analyzer over every file, each fuzz target for SECONDS_EACH (600), then the failure of every
# single allocation of a run.
set -eu
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-600}
scripts/setup.sh test
scripts/build.sh dev fuzz
echo "Analysing every file"
find src -name '*.c' | sort | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 4 clang-tidy -p build/dev --quiet \
    --checks='-*,clang-analyzer-unix.*,clang-analyzer-deadcode.*,clang-analyzer-core.StackAddressEscape,clang-analyzer-core.DivideZero' \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null
for target in build/fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$target" _fuzz)
    echo "Fuzzing $name for $seconds s"
    mkdir -p "build/soak/$name"
    "$target" -max_total_time="$seconds" -max_len=65536 -print_final_stats=1 "build/soak/$name" "tests/fuzz/corpus/$name"
done
WEIR_FAULT_ALL=1 lua5.4 tests/fault/memory.lua build/dev/src/weir build/dev/tests/fault/libfail_memory.so
