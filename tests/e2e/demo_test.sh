# The demo does what its story says, needs nothing, and leaves nothing behind but its folder.
. "$(dirname "$0")/support.sh"
mkdir home temporary
HOME=$folder/home TMPDIR=$folder/temporary
export HOME TMPDIR

expect 0 demo try
[ ! -s err ] || fail "it complains"

# What each of the five runs says of itself: "read 30, created 30, …".
runs() {
    sed -n '/^demo\/two_way: done, run/,/^[^ d]/p' out | awk '
        /^demo/ { printf "%s", sep; sep = "\n"; next }
        /^  / { printf "%s %s, ", $1 ($3 != "" ? " " $2 : ""), $NF }
        END { print "" }'
}
equal "what the runs did" "$(runs)" "read 30, created 30, updated 0, unchanged 0, pushed 0, 
read 3, created 0, updated 1, unchanged 2, pushed 2, 
read 5, created 0, updated 1, unchanged 4, pushed 1, conflicts 1, 
read 2, created 0, updated 0, unchanged 2, pushed 1, 
read 3, created 0, updated 0, unchanged 3, pushed 0, "

# Each edit reached the other side, the conflict's loser is kept, the lost answer doubled nothing, and then it is quiet.
said '"name":"School well","depth":15.50,"owner":"school board"'
said 'depth   19.75'
said '"day":"2026-01-05","level":6.25,"well":1'
said '"name":"Old mill (closed)","depth":22.00,"owner":"mill trust"'
said '{"name":"Mill, upper well","depth":21.50,"owner":"mill trust"}'
said "The county had 25 readings before and has 26 now."
said "Writes that reached the county: 0"
said "The scripts and home are in try"

# Home is there to be looked at.
[ "$(cd try && weir get demo reading --json | wc -l)" -eq 26 ] || fail "the home of the demo has not 26 readings"
[ "$(cd try && weir conflicts list demo --json | wc -l)" -eq 1 ] || fail "the home of the demo has not one conflict"

# Nothing is left running, and nothing elsewhere.
base=$(sed -n 's/^\$ weir run .* base=//p' out | head -n 1)
sed -i 's/^  params .*/&\n  errors     = { retry = 0 },/' try/syncs/demo/two_way.lua
(cd try && expect 1 run syncs/demo/two_way.lua --param "base=$base" && erred "Failed to connect")
for process in /proc/[0-9]*; do
    case $(readlink "$process/cwd" 2>/dev/null || true) in
    "$folder/try"*) fail "$process goes on: $(tr '\0' ' ' <"$process/cmdline")" ;;
    esac
done
equal "files elsewhere" "$(ls home temporary)" "home:

temporary:"

# Without a folder it makes one among the temporary files; a folder that is in use is left alone.
expect 0 demo
equal "new folders" "$(find temporary -mindepth 1 -maxdepth 1 -name 'weir-demo-*' | wc -l)" 1
expect 1 demo try
erred "give an empty folder"
expect 2 demo try again
