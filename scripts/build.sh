#!/bin/sh
# Configures and builds presets: build.sh dev [asan …]. Quiet unless something goes wrong.
set -eu
cd "$(dirname "$0")/.."
for preset in "$@"; do
    mkdir -p "build/$preset"
    if [ ! -f "build/$preset/build.ninja" ]; then
        echo "Configuring build/$preset"
        cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
            cat "build/$preset/configure.log" >&2
            exit 1
        }
    fi
    echo "Building build/$preset"
    ninja -C "build/$preset" >"build/$preset/build.log" 2>&1 || {
        grep -v '^\[' "build/$preset/build.log" >&2
        exit 1
    }
done
