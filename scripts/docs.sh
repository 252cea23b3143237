#!/bin/sh
# Makes the generated pages of docs/reference again from the lists in the code.
set -eu
cd "$(dirname "$0")/.."
scripts/build.sh dev
build/dev/src/weir help --markdown >build/dev/commands.md
mv build/dev/commands.md docs/reference/commands.md
echo "docs/reference/commands.md"
for page in errors options api; do
    build/dev/tools/weir_reference "$page" >"build/dev/$page.md"
    mv "build/dev/$page.md" "docs/reference/$page.md"
    echo "docs/reference/$page.md"
done
