#!/bin/sh
# What has no place in the tree: notes to self, paths of one machine, hosts of package registries, numbers of issues.
. "$(dirname "$0")/common.sh"
seek() { # pattern, what to do
    for path in Makefile CMakeLists.txt CMakePresets.json README.md ARCHITECTURE.md CONTRIBUTING.md LICENSE .ci .clang-format \
        .clang-tidy .luacheckrc .gitignore cmake scripts src lua syncs tests docs tools vendor; do
        # This file alone has to name what it looks for.
        [ ! -e "$path" ] || grep -rnIE "$1" "$path" | grep -v '^tests/tidy/words\.sh:' | grep -v '^tests/fuzz/corpus/' || true
    done | sed "s|\$|   <- $2|" | cut -c1-300 >>"$found"
}
seek '\b(FIXME|TODO|XXX|HACK)\b' 'do it now, or write down where it belongs'
seek '(^|[^A-Za-z0-9_.])/((home|root|work)/[A-Za-z0-9_.]|Users/[a-z]+/)' 'a path of one machine; make it relative'
seek 'registry\.npmjs\.org|registry\.yarnpkg|deb\.debian\.org|archive\.ubuntu|pypi\.org|files\.pythonhosted|crates\.io|proxy\.golang|luarocks\.org/' 'the host of a package registry; use the ordinary client'
seek '\b[Ii]ssue #?[0-9]+|(^|[^A-Za-z0-9&])#[0-9]{1,4}\b[^,;:"0-9a-fA-F]*$' 'the number of an issue; say the reason itself'
finish
