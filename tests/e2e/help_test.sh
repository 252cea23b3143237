# The help helps, mistakes on the command line are told, and the reference page is what the program says.
. "$(dirname "$0")/support.sh"

expect 0 --version
said "weir 0."
expect 0 help
said "weir init"
expect 0 --help
said "dead retry"
expect 2
erred "usage: weir"

# Every command explains itself, wholly.
commands=$(weir help | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' | sed 's/ *$//')
[ "$(echo "$commands" | wc -l)" -ge 17 ] || fail "only these commands: $commands"
echo "$commands" | while read -r command; do
    # A command may be two words.
    # shellcheck disable=SC2086
    expect 0 $command --help
    said "usage: weir $command"
    said "example:"
    said "exit codes:"
    cp out first
    # shellcheck disable=SC2086
    expect 0 help $command
    cmp -s out first || fail "weir help $command differs from weir $command --help"
done

expect 0 help exit-codes
said "5  interrupted"
expect 0 help W5003
said "The disk is full"
expect 0 help weir.csv
said "encoding"
expect 0 help sync
said "stop_after"
expect 0 help dead
said "dead drop"
expect 2 help W9999
expect 2 help rnu
erred "did you mean \`weir help run\`"

expect 2 rnu x.lua
erred "W1002"
erred "did you mean \`weir run\`"
expect 2 dead lsit
erred "did you mean \`weir dead list\`"
expect 2 run
erred "weir run SCRIPT"
expect 2 run a b
expect 2 run a.lua --fource
erred "did you mean --force"
expect 2 run a.lua --param
expect 2 run a.lua --param novalue
erred "name=value"
expect 2 get org type x
expect 2 dead show org x
expect 2 dead drop org
expect 2 preview a.lua --rows 0

weir help --markdown >commands.md
cmp commands.md "$source/docs/reference/commands.md" ||
    fail "docs/reference/commands.md is old: weir help --markdown >docs/reference/commands.md"

if [ -e /dev/full ]; then
    code=0
    weir help >/dev/full 2>err || code=$?
    equal "the exit code with a full disk" "$code" 1
    erred "cannot write"
fi
