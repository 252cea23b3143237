local atoms = {
    "a", "b", ".", "%a", "%d", "%W", "[ab]", "[^a]", "[a-c1]", "(", ")", "()", "%1", "%2", "%bab", "%f[b]", "%%", "^",
    "$", "]", "-", "%f[^a]", "[]a]", "[^%d]",
}
local repeats = { "", "", "", "*", "+", "-", "?" }
local letters = { "a", "b", "c", "1", "%", " ", "ab", "\0" }

for _ = 1, 5000 do
    local parts, pieces = {}, {}
    for i = 1, draw(6) do
        parts[i] = atoms[draw(#atoms)] .. repeats[draw(#repeats)]
    end
    for i = 1, draw(10) do
        pieces[i] = letters[draw(#letters)]
    end
    local pattern, text = table.concat(parts), table.concat(pieces)
    note(text .. "  by  " .. pattern)
    show(string.find, text, pattern, draw(5) - 2)
    show(string.match, text, pattern)
    show(string.gsub, text, pattern, "<%0%1>")
    show(string.gsub, text, pattern, function(a, b)
        return "{" .. tostring(a) .. tostring(b) .. "}"
    end, draw(4))
    show(function()
        local all = {}
        for a, b in text:gmatch(pattern) do
            all[#all + 1] = tostring(a) .. tostring(b)
        end
        return table.concat(all, "|")
    end)
end
