-- JSON for the harness: small, and strict enough for what its servers and weir say. json.null stands for null; a table
-- with json.array around it is written as an array even when it is empty.
local json = { null = setmetatable({}, { __tostring = function() return "null" end }) }
local ARRAY = {}

function json.array(list) return setmetatable(list, ARRAY) end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(value)
  return '"' .. value:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

-- The members of an object come in the order of their names, so that texts can be compared.
function json.encode(value)
  local kind = type(value)
  if value == nil or value == json.null then return "null" end
  if kind == "string" then return text(value) end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  if getmetatable(value) == ARRAY or #value > 0 then
    for i, item in ipairs(value) do parts[i] = json.encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local names = {}
  for name in pairs(value) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = text(name) .. ":" .. json.encode(value[name]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local plain = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function read_text(source, at)
  local parts = {}
  while true do
    local from, to, rest, stop = source:find('([^"\\]*)(["\\])', at)
    if not from then error("a text without an end at " .. at) end
    parts[#parts + 1] = rest
    at = to + 1
    if stop == '"' then return table.concat(parts), at end
    local letter = source:sub(at, at)
    if letter == "u" then
      local code = tonumber(source:sub(at + 1, at + 4), 16)
      at = at + 5
      if code >= 0xD800 and code < 0xDC00 then
        code = 0x10000 + (code - 0xD800) * 0x400 + tonumber(source:sub(at + 2, at + 5), 16) - 0xDC00
        at = at + 6
      end
      parts[#parts + 1] = utf8.char(code)
    else
      parts[#parts + 1] = plain[letter] or error("\\" .. letter .. " at " .. at)
      at = at + 1
    end
  end
end

local function skip(source, at) return source:find("[^ \t\r\n]", at) or #source + 1 end

local words = { ["true"] = true, ["false"] = false, null = json.null }

local function read(source, at)
  at = skip(source, at)
  local first = source:sub(at, at)
  if first == '"' then return read_text(source, at + 1) end
  if first == "{" or first == "[" then
    local stop = first == "{" and "}" or "]"
    local out = first == "{" and {} or json.array {}
    at = skip(source, at + 1)
    if source:sub(at, at) == stop then return out, at + 1 end
    while true do
      local name, value
      if stop == "}" then
        name, at = read_text(source, skip(source, at) + 1)
        at = skip(source, at) + 1
      end
      value, at = read(source, at)
      out[name or #out + 1] = value
      at = skip(source, at)
      local mark = source:sub(at, at)
      if mark == stop then return out, at + 1 end
      if mark ~= "," then error(("no comma but %q at %d"):format(mark, at)) end
      at = at + 1
    end
  end
  local word = source:match("^%a+", at)
  if word then
    if words[word] == nil then error(("%q at %d"):format(word, at)) end
    return words[word], at + #word
  end
  local number = source:match("^-?[%d.eE+-]+", at) or error(("%q at %d"):format(source:sub(at, at + 20), at))
  return tonumber(number), at + #number
end

function json.decode(source)
  local value, at = read(source, 1)
  if skip(source, at) <= #source then error("there is more behind the end: " .. source:sub(at, at + 40)) end
  return value
end

json.read = json.decode -- as tests/support calls it
return json
