-- What a script can do to hang, fill or crash its host, as statements of Lua. `ends` is the code that the bare bomb
-- ends with: time, memory, missing (a module), or raised (whatever code errors have where it stands).
local bombs = {
  { name = "loop", ends = "time", "while true do end" },
  { name = "handler", ends = "time", "local function loop() while true do end end xpcall(loop, loop)" },
  { name = "handler_of_error", ends = "time", "xpcall(error, function() while true do end end)" },
  { name = "gc", ends = "raised", "setmetatable({}, { __gc = function() while true do end end })" },
  { name = "rep", ends = "raised", "string.rep('x', 1 << 62)" },
  { name = "rep_of_nothing", ends = "raised", "string.rep('', 1 << 62, 'x')" },
  { name = "move", ends = "time", "table.move({}, 1, 1 << 62, 2)" },
  { name = "concat", ends = "time", "table.concat({}, 'x', 1, 1 << 62)" },
  { name = "unpack", ends = "raised", "table.unpack({}, 1, 1 << 62)" },
  { name = "backtrack", ends = "time", "return (('a'):rep(200):match(('.-'):rep(12) .. 'b'))" },
  { name = "gsub_backtrack", ends = "time", "return (('a'):rep(200):gsub(('a?.-'):rep(12) .. 'b', ''))" },
  { name = "long_texts", ends = "time", "while true do local s = ('x'):rep(30 << 20) end" },
  { name = "fill", ends = "memory", "local t = {} while true do t[#t + 1] = {} end" },
  { name = "doubling", ends = "memory", "local s = ('x'):rep(1 << 18) while true do s = s .. s end" },
  { name = "tostring", ends = "time",
    "error(setmetatable({}, { __tostring = function() while true do end end }))" },
  { name = "gsub_recursion", ends = "raised", "local function f() return (('x'):gsub('x', f)) end f()" },
  { name = "own_call", ends = "raised", "local t = setmetatable({}, {}) getmetatable(t).__call = t t()" },
  { name = "coroutine", ends = "raised", "coroutine.wrap(function() while true do end end)()" },
  { name = "sort", ends = "time",
    "local t = {} for i = 1, 1e3 do t[i] = i end while true do table.sort(t, function() return true end) end" },
  { name = "format_width", ends = "raised", "('%999999999d'):format(1)" },
  { name = "utf8", ends = "time", "local s = ('1'):rep(1 << 20) while true do local n = utf8.len(s) end" },
  { name = "recursion", ends = "raised", "local function f() return 1 + f() end f()" },
  { name = "pcall_recursion", ends = "raised", "local function f() pcall(f) error('x') end f()" },
  { name = "long_error", ends = "raised", "error(('x'):rep(20 << 20))" },
  { name = "binary_error", ends = "raised", "error('\\27[2J\\0\\255\\n' .. ('y'):rep(5000))" },
  { name = "date", ends = "raised", "os.date(('%c'):rep(100000))" },
  { name = "bad_date", ends = "raised", "os.date('%Ez')" },
  { name = "load", ends = "raised", "load('\\27Lua')()" },
  { name = "text_index", ends = "raised", "getmetatable('').__index = nil" },
  { name = "require", ends = "missing", "require '../../../../etc/passwd'" },
  { name = "require_device", ends = "missing", "require '/dev/zero'" },
  { name = "print", ends = "time", "while true do print(('x'):rep(5000)) end" },
  { name = "close", ends = "time",
    "local x <close> = setmetatable({}, { __close = function() while true do end end })" },
}

-- Those that no count of steps sees: one instruction that takes long.
bombs.slow = {
  { name = "less", ends = "time",
    "local a, b = ('\\0'):rep(14 << 20) .. 'a', ('\\0'):rep(14 << 20) .. 'b' while true do local _ = a < b end" },
  { name = "emptied", ends = "time",
    "local t = {} for i = 1, 1 << 20 do t[i] = 1 end for i = 1, 1 << 20 do t[i] = nil end while true do next(t) end" },
}

-- Where a bomb may stand; %s is the bomb.
bombs.forms = {
  plain = "%s",
  pcall = "pcall(function() %s end) error 'caught'",
  pcall_loop = "while true do pcall(function() %s end) end",
  index = "return setmetatable({}, { __index = function() %s end }).x",
  eq = "local m = { __eq = function() %s end } return setmetatable({}, m) == setmetatable({}, m)",
  lt = "local m = { __lt = function() %s end } return setmetatable({}, m) < setmetatable({}, m)",
  concat = "return setmetatable({}, { __concat = function() %s end }) .. ''",
  at_close = "local x <close> = setmetatable({}, { __close = function() %s end }) error 'closing'",
}
bombs.form_names = { "plain", "pcall", "pcall_loop", "index", "eq", "lt", "concat", "at_close" }

function bombs.formed(form, bomb) return (bombs.forms[form]:gsub("%%s", function() return bomb[1] end)) end

return bombs
