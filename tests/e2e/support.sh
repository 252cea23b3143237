# Sourced by every end-to-end test, which is run as: sh tests/e2e/NAME_test.sh WEIR
#
# Gives a fresh folder to work in (kept when the test fails) and:
#   weir …            the real program
#   expect CODE …     runs weir and fails unless it ends with CODE; what it said is in ./out and ./err
#   said TEXT / erred TEXT / unsaid TEXT    whether ./out or ./err holds TEXT
#   equal WHAT ACTUAL EXPECTED
#   county_start      starts the other side (county.c), a web API at $county; $parrot says one answer to everything
#   county LINE       what happens there; what it answers is printed
set -eu

program=$1
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
source=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
cd "$folder"
unset WEIR_PAGE WEIR_FAULT NO_COLOR

finish() {
    code=$?
    if [ "$code" -eq 0 ]; then
        cd / && rm -rf "$folder"
    else
        echo "its files are kept in $folder" >&2
    fi
}
trap finish EXIT

weir() {
    "$program" "$@"
}

fail() {
    echo "$*" >&2
    if [ -f out ]; then sed 's/^/  out: /' out >&2; fi
    if [ -f err ]; then sed 's/^/  err: /' err >&2; fi
    exit 1
}

expect() {
    wanted=$1
    shift
    code=0
    "$program" "$@" >out 2>err || code=$?
    [ "$code" -eq "$wanted" ] || fail "weir $*: ended with $code and not $wanted"
}

said() {
    grep -qF -- "$1" out || fail "standard output does not hold: $1"
}

unsaid() {
    if grep -qF -- "$1" out; then fail "standard output holds: $1"; fi
}

erred() {
    grep -qF -- "$1" err || fail "standard error does not hold: $1"
}

equal() {
    [ "$2" = "$3" ] || fail "$1 is '$2' and not '$3'"
}

# The last line of ./out without what differs from run to run.
outcome() {
    tail -n 1 out | sed 's/"seconds":[0-9.]*/"seconds":0/'
}

county_start() {
    mkfifo asked answered
    "$WEIR_COUNTY" <asked >answered &
    exec 3>asked 4<answered
    read -r county parrot <&4
    mkdir -p data
    echo 'allow_private = 127.0.0.1' >data/settings
}

county() {
    echo "$*" >&3
    read -r answer <&4
    echo "$answer"
}
