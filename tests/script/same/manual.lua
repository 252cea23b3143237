local cases = {
    { "hello world", "o w" }, { "hello", "l+" }, { "hello", "(h)(.)(.*)" }, { "hello", "()ll()" },
    { "key = value", "(%w+)%s*=%s*(%w+)" }, { "THE (quick) fox", "%((%a+)%)" }, { "f(a(b)c)d", "%b()" },
    { "THE (quick) fox", "%f[%a]%a+%f[%A]" }, { "", "" }, { "", "^$" }, { "abc", "^b" }, { "abc", "c$" },
    { "a$", "$$" }, { "a.b", "%." }, { "x\0y", "\0" }, { "x\0y", "[\0]y" }, { "x\0y", "%z" }, { "[]]", "[]]+" },
    { "a-b", "[a-]+" }, { "a^b", "[b^]+" }, { "\xff\xfe", "[\xf0-\xff]+" }, { "aXb", "%u" }, { "aXb", "%U+" },
    { "\t\n x", "%S" }, { "say \"hi\" and", "([\"'])(.-)%1" }, { "abcabc", "(abc)%1" }, { "aaa", "a-$" },
    { "aaa", "a-b" }, { "a", "%" }, { "a", "[a" }, { "a", "[a%" }, { "a", "(a" }, { "a", "a)" }, { "a", "%1" },
    { "a", "(%1)" }, { "a", "%b" }, { "a", "%bx" }, { "a", "%f" }, { "a", "[]" }, { "a", "[^]" }, { "a", "()%1" },
    { "a", "%f[a" }, { "x", "[%a-z]" }, { "-", "[%a-z]" }, { "z", "[%a-z]" }, { "-", "[a-%%]" }, { "b", "[a-%%]" },
    { "%", "[a-%%]" }, { "2018-08-06", "^(%d+)-(%d+)-(%d+)$" }, { "0xFfG", "%x+" }, { "a,b,,c", "[^,]*" },
    { "abc", ".-" }, { "*", "*" }, { "a*", "a**" }, { "aaa?", "a??" }, { "(((", "%(+" }, { "abc", "()()()()" },
    { "abc", ("()"):rep(33) }, { "abc", ("a?"):rep(250) }, { ("a"):rep(300), ("a?"):rep(250) },
    { ("a"):rep(300), ("a?"):rep(150) }, { "a\u{20AC}b", utf8.charpattern }, { "a b", "%s*%f[%z]" },
}
for _, case in ipairs(cases) do
    local text, pattern = case[1], case[2]
    note(text .. "  by  " .. pattern)
    show(string.find, text, pattern)
    show(string.match, text, pattern)
    show(string.gsub, text, pattern, "<%0>")
    show(string.gsub, text, pattern, "%1")
    show(function()
        local all = {}
        for a, b in string.gmatch(text, pattern) do
            all[#all + 1] = tostring(a) .. "/" .. tostring(b)
        end
        return table.concat(all, " ")
    end)
end

for i = -7, 7 do
    show(string.find, "hello", "l", i)
    show(string.find, "hello", "l", i, true)
    show(string.find, "hello", "", i)
    show(string.find, "hello", "()", i)
    show(string.match, "hello", "^.", i)
    show(string.gsub, "hello", "l", "L", i)
    show(function()
        local all = {}
        for a in ("hello"):gmatch(".", i) do
            all[#all + 1] = a
        end
        return table.concat(all, " ")
    end)
end

for _, arguments in ipairs {
    { "a+b", "a+b" }, { "a+b", "a+b", 1, true }, { "a\0b", "b" }, {}, { "a" }, { {}, "a" }, { "a", "a", "x" },
    { 123, 2 }, { "abc", "b", math.mininteger }, { "abc", "b", math.maxinteger },
} do
    show(string.find, table.unpack(arguments))
    show(string.match, table.unpack(arguments))
    show(function(...)
        return string.gmatch(...)()
    end, table.unpack(arguments))
end
