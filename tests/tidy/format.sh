#!/bin/sh
# Every C file is laid out as .clang-format says; `make format` does it.
. "$(dirname "$0")/common.sh"
need clang-format
files 'c|h' src tests tools | xargs clang-format --dry-run -Werror 2>&1 |
    sed -n "s|^\([^ ]*:[0-9]*\):[0-9]*: error: .*|\1: not laid out as .clang-format says; run make format|p" >"$found"
finish
