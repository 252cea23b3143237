-- Put before each of the other chunks: notes what a call gives, or its error, as one line.
local out = {}

local function note(line)
    out[#out + 1] = (line:gsub("[%z\n]", "?"))
end

local function show(f, ...)
    local r = table.pack(pcall(f, ...))
    for i = 1, r.n do
        r[i] = type(r[i]) .. ":" .. tostring(r[i])
    end
    -- Through pcall, plain Lua knows a function by its place in package.loaded; the sandbox has no such list.
    note((table.concat(r, " "):gsub("to '[%w.]+'", "to '?'")))
end

local state = 4711
local function draw(n)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % n + 1
end

