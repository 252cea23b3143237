-- Does what a page of the documents tells its reader to do, and compares: lua5.4 tutorial.lua WEIR PAGE [--renew]
--
-- In every ```console block a line that starts with "$ " is typed into a shell, in a fresh folder that stays the same
-- through the page; what stands below it must be what comes out.
package.path = arg[0]:match("^(.*)/") .. "/../support/?.lua;" .. package.path
local shell = require "shell"

local weir = shell.must("realpath " .. shell.quote(arg[1])):match("[^\n]+")
local page = shell.read(arg[2])
local root = shell.folder()
local here = root

local function type_in(command)
  local _, text = shell.run(("cd %s && PATH=%s:$PATH && export PATH TZ=UTC && { %s\n}; pwd >%s"):format(shell.quote(here),
    shell.quote(weir:match("^(.*)/")), command, root .. ".pwd"))
  here = shell.read(root .. ".pwd"):match("[^\n]+")
  text = text:gsub(root:gsub("%p", "%%%0"), "/path"):gsub("%d+%.%d s", "0.0 s")
  return (text:gsub("[ \t]+\n", "\n"))
end

local out = {}
local in_block = false
for line in page:gmatch("([^\n]*)\n") do
  if line:match("^```console") then
    in_block = true
    out[#out + 1] = line
  elseif line:match("^```") and in_block then
    in_block = false
    out[#out + 1] = line
  elseif not in_block then
    out[#out + 1] = line
  elseif line:match("^%$ ") then
    out[#out + 1] = line
    local text = type_in(line:sub(3))
    if text ~= "" then out[#out + 1] = (text:gsub("\n$", "")) end
  end
end
local now = table.concat(out, "\n") .. "\n"
os.remove(root .. ".pwd")
if arg[3] == "--renew" then
  shell.write(arg[2], now)
elseif now ~= page then
  shell.write(root .. "/now.md", now)
  local _, difference = shell.run(("diff -u %s %s/now.md"):format(arg[2], root))
  print(difference .. "\nwhen that is right, accept it with:\n  lua5.4 " .. table.concat(arg, " ", 0, 2) .. " --renew")
  os.exit(1)
end
shell.must("rm -rf " .. root)
