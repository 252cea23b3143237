-- What scripts may use: the sandbox's own globals and nothing else.
std = {
  read_globals = {
    "_G", "_VERSION", "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget",
    "rawlen", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    math = { other_fields = true },
    os = { fields = { "clock", "date", "difftime", "time" } },
    string = { other_fields = true },
    table = { other_fields = true },
    utf8 = { other_fields = true },
  },
}
max_line_length = 120

-- Tests are run by Lua itself.
files["tests"] = { std = "lua54", max_line_length = false, ignore = { "613" } }
