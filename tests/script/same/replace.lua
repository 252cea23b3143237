for _, arguments in ipairs {
    { 123, 2, 4 }, { "abc", "%w", "%%%0" }, { "abc", "%w", "%" }, { "abc", "%w", "%2" }, { "abc", "%w", "%x" },
    { "abc", "(%w)()", "%1%2" }, { "abc", "", "-" }, { "abc", "^a", "x" }, { "aaa", "^a", "x" },
    { "abc", "%w", { a = 1, b = true } }, { "abc", "%w", { a = 1, b = false, c = "C" } }, { "abc", "%w" },
    { "abc", "%w", true }, { "hello world", "o*", "x" }, { "abc def", "%f[%w]%w+", "<%0>" },
    { "abc", "(a)(b)(c)", "%3%2%1", 1 }, { "abc", "(", "x" }, { "abc", "b", "x", "y" }, { "abc", "b", "x", 1.5 },
    { "abc", "%w", "x", 2 }, { "abc", "x*", "-" }, { "", "", "-" }, { "abc", "$", "!" }, { "abc", "()", "%1" },
} do
    show(string.gsub, table.unpack(arguments))
end
show(string.gsub, "abc", "%w", function(c)
    if c > "a" then
        return c:upper()
    end
end)
show(string.gsub, "abc", "%w", function()
    return {}
end)
show(string.gsub, "abc", "%w", function()
    error("x", 0)
end)
show(string.gsub, "x y", "%s", setmetatable({}, {
    __index = function(_, key)
        return "[" .. key .. "]"
    end,
}))
for _, n in ipairs { 0, 1, 2, 5, -1, "3", 1.5 } do
    show(string.rep, "ab", n)
    show(string.rep, "ab", n, ",")
    show(string.rep, "", n, "-")
    show(string.rep, "abc", n, "")
end
show(string.rep, "x")
