# Derived fields: computed by a process of its own after an edit, anew when what they refer to changes, and what happens
# when they can't be.
. "$(dirname "$0")/support.sh"
mkdir -p syncs/datatypes syncs/mywell syncs/tide
cp "$source/syncs/datatypes/ourwater.lua" syncs/datatypes/
cat >syncs/mywell/resources.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.csv {
    name  = "office",
    types = { group = { file = "groups.csv", key = "code" }, resource = { file = "resources.csv", key = "number" } },
  },
  datatypes = require "ourwater",
  types     = { "group", "resource" },
  pull      = {
    group    = { type = "type", code = "code" },
    resource = { number = "number", name = "name", group = weir.ref("group", "group") },
  },
}
LUA
printf 'type,code\npincode,313603\nvillage,313603.1\n' >syncs/mywell/groups.csv
printf 'number,name,group\n1170,Temple well,313603\n1171,School well,313603.1\n1172,No group,\n' >syncs/mywell/resources.csv

# The pincode rule, in a run.
expect 0 run syncs/mywell/resources.lua
pincode_of() {
    weir get mywell resource --json | grep "\"name\":\"$1\"" | sed -n 's/.*"legacyMyWellPincode":"\([0-9]*\)".*/\1/p'
}
id_of() {
    weir get mywell "$1" --json | grep "\"$2\":\"$3\"" | sed 's/^{"id":\([0-9]*\),.*/\1/'
}
equal "the pincode of a well in a pincode's group" "$(pincode_of 'Temple well')" 313603
equal "the pincode of a well in a village" "$(pincode_of 'School well')" ""

# After an edit by hand, of the record, and of the group that it refers to.
group=$(id_of group code 313603)
well=$(id_of resource name 'No group')
echo "{\"id\":$well,\"group\":$group,\"externalIds\":{\"other\":\"x\"}}" | weir put mywell resource >out 2>err
said "1 updated"
[ ! -s err ] || fail "put complains"
equal "the pincode after a put" "$(pincode_of 'No group')" 313603
weir get mywell resource "$well" --json >out
said '"other":"x"'
echo "{\"id\":$group,\"code\":\"313604\"}" | weir put mywell group >out 2>err
equal "the pincode after the group's" "$(pincode_of 'No group')" 313604
equal "the pincode of the other well" "$(pincode_of 'Temple well')" 313604
expect 0 derive mywell
said "0 records changed"
expect 0 derive mywell --json
said '{"changed":0}'
expect 4 derive nobody

# A function that fails leaves the edit, and says why; the next one that works makes up for it.
cat >syncs/datatypes/tide.lua <<'LUA'
local weir = require "weir"
return {
  gauge = weir.datatype {
    key  = "name",
    name = "text",
    low  = "decimal",
    high = "decimal",
    span = "decimal",
    derive = {
      span = function(gauge)
        if gauge.high == gauge.low then error("there is no tide at " .. gauge.name, 0) end
        return gauge.high - gauge.low
      end,
    },
  },
}
LUA
cat >syncs/tide/gauges.lua <<'LUA'
local weir = require "weir"
return weir.sync {
  datasource = weir.csv { name = "office", types = { gauge = { file = "gauges.csv", key = "name" } } },
  datatypes  = require "tide",
  types      = { "gauge" },
  pull       = { gauge = { name = "name", low = weir.number "low", high = weir.number "high" } },
}
LUA
printf 'name,low,high\nPier,1,3.5\n' >syncs/tide/gauges.csv
expect 0 run syncs/tide/gauges.lua
expect 0 get tide gauge --json
said '"span":2.5'
echo '{"name":"Pier","high":1}' | weir put tide gauge >out 2>err
said "1 updated"
erred "there is no tide at Pier"
expect 0 get tide gauge --json
said '"high":1'
echo '{"name":"Pier","high":2}' | weir put tide gauge >out 2>err
expect 0 get tide gauge --json
said '"span":1'
