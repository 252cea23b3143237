#!/bin/sh
# A function fits a screen and a file is one thought.
. "$(dirname "$0")/common.sh"
# clang-format puts a function's opening line and its closing brace at the first column: that is what is counted.
files 'c|h' src tests tools | xargs awk '
    FNR == 1 { inside = 0 }
    /^[A-Za-z_].*[)] \{$/ || (/^ .*[)] \{$/ && !inside && opened == FNR - 1) { inside = 1; start = FNR; line = $0 }
    /^[A-Za-z_].*[(,]$|^[A-Za-z_].*,$/ { opened = FNR }
    /^ / && !inside && opened == FNR - 1 { opened = FNR }
    /^}/ && inside {
        inside = 0
        if (FNR - start + 1 > 70) {
            print FILENAME ":" start ": a function of " FNR - start + 1 " lines; split it in thoughts of 70 at most: " line
        }
    }' >"$found"
files 'c|h|lua|sh' src lua tests tools syncs scripts | while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 500 ] || echo "$file: $lines lines; find the idea that is missing and give it its own file (500 at most)"
done >>"$found"
finish
