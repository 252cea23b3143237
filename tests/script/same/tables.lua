local function tens(n)
    local t = {}
    for i = 1, n do
        t[i] = i * 10
    end
    return t
end

local function text(t)
    local r = {}
    for i = 1, 12 do
        r[i] = tostring(t[i])
    end
    return table.concat(r, ",")
end

for n = 0, 4 do
    for i = -2, 6 do
        local t, u, v = tens(n), tens(n), tens(n)
        show(function()
            table.insert(t, i, "x")
            return text(t)
        end)
        show(function()
            local ok, gone = pcall(table.remove, u, i) -- Lua 5.4.4 blames the wrong argument
            return ok, ok and gone, text(u)
        end)
        for to = -1, 4 do
            show(function()
                return text(table.move(v, 1, i, to))
            end)
        end
        show(table.concat, v, "-", i)
        show(table.concat, v, "-", 1, i)
        show(table.unpack, { 1, 2, 3 }, i)
        show(table.unpack, { 1, 2, 3 }, 1, i)
    end
end

show(table.concat, { 1, {}, 3 })
show(table.concat, { 1, 2.5, "x" }, ", ")
show(table.concat)
show(table.insert, {})
show(table.insert, {}, 1, 2, 3)
show(table.insert, nil, 1)
show(table.insert, {}, "x", 1)
show(table.remove, {})
show(table.remove, { 1 })
show(table.unpack, {}, 1, 1e8)
show(table.unpack, {}, math.mininteger, math.maxinteger)
show(table.move, {}, 1, math.maxinteger, 2)
show(table.move, {}, -1, math.maxinteger, 2)
show(function()
    return text(table.move({ 1, 2 }, 1, 2, 2, {}))
end)
show(table.move, {}, 1, 2, 3, 4)

for n = 0, 200 do
    local numbers, words = {}, {}
    for i = 1, n do
        numbers[i] = draw(1000)
        words[i] = "k" .. draw(1000)
    end
    table.sort(numbers)
    show(table.concat, numbers, " ")
    table.sort(numbers, function(a, b)
        return a > b
    end)
    show(table.concat, numbers, " ")
    table.sort(words)
    show(table.concat, words, " ")
end
show(table.sort, { {}, {} })
show(table.sort, { 2, 1 }, 7)
