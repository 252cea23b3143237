# Sourced by every check. $1 is the tree to look at; `finish FILE` ends the check: FILE holds what breaks the rule.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "${1:-$here/../..}" && pwd)
build=${WEIR_BUILD:-$root/build/dev}
cd "$root"
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# Every file of ours with one of these endings, in these folders (those that are there).
files() { # endings, folders …
    endings=$1
    shift
    for folder in "$@"; do
        [ ! -e "$folder" ] || find "$folder" -type f | grep -E "\.($endings)\$" || true
    done | sort
}

# C without comments and without what stands in quotes, so that words in them break no rule. Lines stay lines.
code_only() { # file
    awk '
        BEGIN { inside = 0 }
        {
            out = ""; n = length($0); i = 1
            while (i <= n) {
                two = substr($0, i, 2); one = substr($0, i, 1)
                if (inside) { if (two == "*/") { inside = 0; i += 2 } else i++; continue }
                if (two == "/*") { inside = 1; i += 2; continue }
                if (two == "//") break
                if (one == "\"" || one == "\047") {
                    quote = one; out = out quote; i++
                    while (i <= n && substr($0, i, 1) != quote) { if (substr($0, i, 1) == "\\") i++; i++ }
                    out = out quote; i++; continue
                }
                out = out one; i++
            }
            print out
        }' "$1"
}

finish() {
    if [ -s "$found" ]; then
        cat "$found"
        echo
        echo "$(grep -c . "$found") found. Run this check alone with: sh tests/tidy/$(basename "$0")"
        exit 1
    fi
}

need() { # program
    command -v "$1" >/dev/null || {
        echo "$1 is missing; scripts/setup.sh test installs it"
        exit 1
    }
}
