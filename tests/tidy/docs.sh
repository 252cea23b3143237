#!/bin/sh
# The generated pages say what the code says; `make docs` makes them again.
. "$(dirname "$0")/common.sh"
reference=$build/tools/weir_reference
[ -x "$reference" ] || { echo "build it first: ninja -C build/dev weir_reference"; exit 1; }
for page in errors options api; do
    "$reference" "$page" | cmp -s - "docs/reference/$page.md" ||
        echo "docs/reference/$page.md is not what the code says; run make docs"
done >"$found"
# A link between pages leads somewhere.
for page in *.md $(find docs vendor -name '*.md'); do
    grep -oE '\]\([^)# ]+' "$page" | sed 's/^](//' | grep -vE '^(https?|mailto):' | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || echo "$page: its link to $link leads nowhere"
    done
done >>"$found"
finish
