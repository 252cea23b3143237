#!/bin/sh
# Runs every test of every build with one ctest, so that one closing line counts them all; or, with a name, the tests
# of that name in build/dev alone: test.sh engine.decide
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh test
jobs=$(nproc 2>/dev/null || echo 2)
if [ $# -gt 0 ]; then
    scripts/counterparts.sh
    scripts/build.sh dev
    exec ctest --test-dir build/dev -R "$1" -j"$jobs" --output-on-failure --no-tests=error
fi
scripts/counterparts.sh
scripts/build.sh dev asan tsan fuzz
echo 'subdirs("dev" "asan" "tsan" "fuzz")' >build/CTestTestfile.cmake
if ctest --test-dir build -j"$jobs" --output-on-failure --no-tests=error; then
    exit 0
fi
failed=build/Testing/Temporary/LastTestsFailed.log
if [ -s "$failed" ]; then
    echo
    echo "Run a failed test alone with"
    sed "s/^[0-9]*:\(.*\)/    ctest --test-dir build --output-on-failure -R '^\1\$'/" "$failed"
fi
exit 1
