#!/bin/sh
# The long tests: the analyzer over every file, SEEDS (100,000) plans of the simulator, each fuzz target for SECONDS_EACH
# (600), then the failure of every single allocation of a run, of single writes of one both ways, 2,000 kills of a run and
# 500 of a server under load.
set -eu
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-600}
scripts/setup.sh test
scripts/build.sh dev
echo "Analysing every file"
find src -name '*.c' | sort | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 4 clang-tidy -p build/dev --quiet \
    --checks='-*,clang-analyzer-unix.*,clang-analyzer-deadcode.*,clang-analyzer-core.StackAddressEscape,clang-analyzer-core.DivideZero' \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null
echo "Playing ${SEEDS:-100000} plans, and a hundredth as many with homes on SQLite"
mkdir -p build/soak/sim
(
    cd build/soak/sim
    ../../dev/tests/weir-sim --seeds "1-${SEEDS:-100000}" --all-fired
    ../../dev/tests/weir-sim --seeds "1-$((${SEEDS:-100000} / 100 + 1))" --sqlite
)
SECONDS_EACH=$seconds scripts/fuzz.sh
WEIR_FAULT_ALL=1 lua5.4 tests/fault/memory.lua build/dev/src/weir build/dev/tests/fault/libfail_memory.so
scripts/counterparts.sh
export WEIR_FAIL_MEMORY="$PWD/build/dev/tests/fault/libfail_memory.so" WEIR_FAIL_DISK="$PWD/build/dev/tests/fault/libfail_disk.so"
against="lua5.4 tests/counterpart/harness.lua build/dev/src/weir build/counterparts tests/counterpart"
WEIR_KILLS=2000 WEIR_SEED=${WEIR_SEED:-$(date +%s)} $against/kill_loop.lua
WEIR_FAULT_ALL=1 $against/failing_memory.lua
WEIR_FAULT_ALL=1 $against/failing_disk.lua
echo "Killing the server under load, ${WEIR_SERVER_KILLS:-500} times"
WEIR_SERVER_KILLS=${WEIR_SERVER_KILLS:-500} node tests/serve/kill_test.mjs build/dev/src/weir
