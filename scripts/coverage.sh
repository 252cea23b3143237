#!/bin/sh
# Builds with counters, runs the tests and prints which branches they took: engine/decide, then every file.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh test
scripts/build.sh coverage
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage -j"$(nproc 2>/dev/null || echo 2)" -LE tidy --output-on-failure --no-tests=error |
    tail -n 3
cd build/coverage
find src -name '*.gcda' | sort | while read -r data; do
    gcov --branch-counts --branch-probabilities --stdout --object-file "$data" "$data" 2>/dev/null |
        awk -v want="$(basename "$data" .c.gcda).c" '
            # A line of source is "count:number:text"; the branches of a line stand below it.
            /^ *-: *0:Source:/ { mine = $0 ~ "/" want "$"
                                 if (mine) { n = split($0, parts, "/"); name = parts[n - 1] "/" parts[n] } }
            !mine { next }
            /^ *[-#=0-9*]+: *[0-9]+:/ { asserting = $0 ~ /assert\(/; if ($0 !~ /^ *-:/) { lines++; run += $0 !~ /^ *[#=]/ } }
            # The other way of an assertion is a mistake of the programmer: it is not there to be taken.
            /^branch/ && !asserting { branches++; taken += $0 !~ /taken 0|never executed/ }
            END { if (lines) printf "%-40s lines %6.2f %%  branches %6.2f %%\n", name, 100 * run / lines,
                                    branches ? 100 * taken / branches : 100 }'
done >coverage.txt
grep '^engine/decide' coverage.txt || true
echo
cat coverage.txt
grep -q '^engine/decide.c .*branches 100.00 %' coverage.txt || {
    echo "every branch of engine/decide must be taken by a test"
    exit 1
}
