#!/bin/sh
# Plants mistakes in a copy of the tree (build/mutants), one at a time: the simulator must find each of them.
#   scripts/mutants.sh [NAME]
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh test
if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER:-ccache}"
fi
exec lua5.4 tests/sim/mutate.lua build/mutants "$@"
