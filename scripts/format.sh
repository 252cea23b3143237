#!/bin/sh
# Lays out every C file as .clang-format says.
set -eu
cd "$(dirname "$0")/.."
find src tests tools -name '*.[ch]' -exec clang-format -i {} +
