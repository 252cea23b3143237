#!/bin/sh
# Builds weir and shows what it does in a minute: a two-way sync with a web API, with its conflicts and faults.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh demo
scripts/build.sh release
rm -rf build/demo
mkdir -p build
exec build/release/src/weir demo build/demo
