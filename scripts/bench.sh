#!/bin/sh
# Builds what is installed and measures it against the peers found on this machine. Data and homes stay in build/bench.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh bench
scripts/build.sh release
mkdir -p build/bench
# DuckDB is a peer where node is there and npm can bring it; the other rows need neither.
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    if [ ! -d build/bench/node/node_modules/@duckdb/node-api ]; then
        echo "Installing DuckDB from npm into build/bench, as a peer to measure against"
        mkdir -p build/bench/node
        (cd build/bench/node && npm install --silent --no-fund --no-audit @duckdb/node-api >npm.log 2>&1) ||
            echo "npm could not bring it (build/bench/node/npm.log says why): the DuckDB row is skipped"
    fi
    [ ! -d build/bench/node/node_modules/@duckdb/node-api ] || export WEIR_BENCH_DUCKDB="$PWD/build/bench/node"
fi
missed=0
lua5.4 tests/bench/bench.lua build/release build/bench "$@" || missed=$?
if command -v node >/dev/null 2>&1; then
    echo
    echo "The server"
    node tests/bench/serve.mjs "$PWD/build/release/src/weir" "$PWD/build/bench" || missed=$?
fi
exit "$missed"
