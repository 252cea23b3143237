#!/bin/sh
# Sees to it that the parts in vendor/parts.txt are there: setup.sh build | test | demo | bench (each takes in build).
# On Debian it installs what is missing and says what. Where it can't, it prints what to install by hand and fails.
set -eu
cd "$(dirname "$0")/.."
wanted="build ${1:-build}"

is_there() { # kind name
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    library) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$2" ;;
    header) command -v gcc >/dev/null 2>&1 && echo "#include <$2>" | gcc -fsyntax-only -x c - 2>/dev/null ;;
    sanitizers)
        command -v clang >/dev/null 2>&1 &&
            echo 'int main(void) { return 0; }' |
            clang -fsanitize=address,undefined,fuzzer-no-link -x c - -o /dev/null 2>/dev/null
        ;;
    esac
}

list_missing() {
    sed 's/#.*//' vendor/parts.txt | while read -r group package kind name; do
        case " $wanted " in
        *" $group "*) is_there "$kind" "${name:-}" || echo "$package" ;;
        esac
    done | sort -u | tr '\n' ' '
}

by_hand() {
    echo "weir needs these parts, and $1:" >&2
    echo "    $missing" >&2
    echo "Install them by hand, then run the same command again. On Debian and its kin that is" >&2
    echo "    apt-get install $missing" >&2
    echo "(as root). Elsewhere the names differ a little; vendor/README.md says what each part is for." >&2
    exit 1
}

missing=$(list_missing)
missing=${missing% }
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null 2>&1 || by_hand "this system has no apt-get"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
else
    by_hand "this account may not install them"
fi
echo "Installing from Debian's packages: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists of packages may be old or, on a fresh machine, not there at all.
if ! $as_root apt-get update >"$log" 2>&1 ||
    ! DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends $missing >"$log" 2>&1; then
    cat "$log" >&2
    by_hand "apt-get could not install them (its words are above)"
fi
missing=$(list_missing)
missing=${missing% }
[ -z "$missing" ] || by_hand "apt-get installed them, but they still cannot be used"
