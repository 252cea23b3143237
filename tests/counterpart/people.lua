-- What people do at both sides of a sync of wells, at random, and what must be there in the end. For kill_loop.lua.
--
-- Every value is used once, so that it can be told where each has gone. Between two moments at which both sides are known
-- to be equal (an epoch) a record is edited at one side alone, at any time; or, while nothing runs, once at both. So it is
-- known what must come out: the last value that was acknowledged, or one of those after it whose writer was killed.
local people = {}
people.__index = people

local FIELDS = { "name", "depth" }
local LEAST = 6 -- so many wells stay: an empty side is another story (row 28)

function people.new(t, remote, random, deletes)
  return setmetatable({ t = t, remote = remote, random = random, deletes = deletes, wells = {}, codes = {}, last = 0, edits = 0,
    clashes = 0, gone = 0 }, people)
end

local function name_of(n) return "Name " .. n end
local function depth_of(n) return n end

-- A new value of a field.
function people:value(field)
  self.last = self.last + 1
  return field == "name" and name_of(self.last) or depth_of(self.last)
end

-- A code of one that is there, whose side in this epoch is this one, or is open. One that is being edited at this moment is
-- none: nobody could tell which edit came last.
function people:pick(side)
  for _ = 1, 20 do
    local code = self.codes[self.random(1, math.max(1, #self.codes))]
    local well = code and self.wells[code]
    if well and well.there == true and not well.busy and (not well.side or well.side == side) and (side == "home" or well.id) then return code, well end
  end
end

function people:may_go()
  self.gone = self.gone + 1
  return #self.codes - self.gone >= LEAST
end

-- What was written: surely, or perhaps (its writer was killed).
local function note(well, field, value, surely)
  if surely then well[field] = {} end
  well[field][value] = true
end

function people:add(side, code, id, values, surely)
  local well = { side = side, id = id, there = surely or "perhaps", name = {}, depth = {} }
  self.wells[code] = well
  self.codes[#self.codes + 1] = code
  for field, value in pairs(values) do note(well, field, value, true) end
end

-- One edit at home as { words, input, done = function(acknowledged) }: for whoever runs it.
function people:at_home()
  self.edits = self.edits + 1
  local code, well = self:pick "home"
  local kind = self.random()
  if not code or kind < 0.3 or #self.codes < LEAST then
    self.last = self.last + 1
    code = "h" .. self.last
    local values = { name = self:value "name", depth = self:value "depth" }
    local input = self.t.json.encode { code = code, name = values.name, depth = values.depth }
    return { words = "put org well", input = input, done = function(surely) self:add("home", code, nil, values, surely) end }
  end
  -- One that was edited before is not deleted: the edit may go in after nobody waits for it any more, and then looks like
  -- a change there, which brings the well back.
  local untouched = not well.side
  well.side, well.busy = "home", true
  if kind < 0.4 and untouched and well.home and self:may_go() then
    return { words = "delete org well " .. well.home, done = function(surely)
      well.there, well.busy = not surely and "perhaps", false
    end }
  end
  local field = FIELDS[self.random(1, 2)]
  local value = self:value(field)
  return { words = "put org well", input = self.t.json.encode { code = code, [field] = value }, done = function(surely)
    note(well, field, value, surely)
    well.busy = false
  end }
end

-- One edit there, as the body of /__edit, and what it means once it is answered.
function people:at_remote()
  self.edits = self.edits + 1
  local code, well = self:pick "remote"
  local kind = self.random()
  if not code or kind < 0.3 or #self.codes < LEAST then
    self.last = self.last + 1
    code = "r" .. self.last
    local values = { name = self:value "name", depth = self:value "depth" }
    return { type = "well", create = { code = code, name = values.name, depth = values.depth } },
      function(record) self:add("remote", code, record.id, values, true) end
  end
  well.side, well.busy = "remote", true
  if kind < 0.4 and self.deletes and self:may_go() then
    return { type = "well", delete = well.id }, function() well.there, well.busy = false, false end
  end
  local field = FIELDS[self.random(1, 2)]
  local value = self:value(field)
  return { type = "well", update = well.id, set = { [field] = value } }, function()
    note(well, field, value, true)
    well.busy = false
  end
end

-- Both sides edit one record while nothing runs: another field each, the same field, a delete and a change, or each makes
-- it. Nobody touches it again in this epoch.
function people:clash()
  local code, well = self:pick "both"
  local t, kind = self.t, self.random(1, self.deletes and self:may_go() and 6 or 4)
  if not code or well.side or not well.id then return end
  self.clashes = self.clashes + 1
  well.side = "both"
  local here, there = self:value "name", self:value "name"
  if kind <= 2 then
    local depth = self:value "depth"
    t.put("well", { code = code, name = here })
    self.remote.edit { type = "well", update = well.id, set = { depth = depth } }
    well.name, well.depth = { [here] = true }, { [depth] = true }
  elseif kind == 3 then
    t.put("well", { code = code, name = here })
    self.remote.edit { type = "well", update = well.id, set = { name = there } }
    well.name, well.clash = { [here] = true, [there] = true }, { here, there }
  elseif kind == 4 then
    self.last = self.last + 1
    local fresh = "b" .. self.last
    t.put("well", { code = fresh, name = here, depth = self.last })
    local made = self.remote.edit { type = "well", create = { code = fresh, name = there, depth = self.last } }[1]
    self:add("both", fresh, made.id, { name = here, depth = self.last }, true)
    self.wells[fresh].name[there], self.wells[fresh].clash = true, { here, there }
  elseif kind == 5 then
    t.delete("well", well.home)
    self.remote.edit { type = "well", update = well.id, set = { name = there } }
    note(well, "name", there, true)
  else
    t.put("well", { code = code, name = here })
    self.remote.edit { type = "well", delete = well.id }
    note(well, "name", here, true)
  end
end

local function by_code(t, records, where)
  local found = {}
  for _, record in ipairs(records) do
    if found[record.code] then t.fail("%s has %s twice", where, record.code) end
    found[record.code] = record
  end
  return found
end

local function plain(value) return tonumber(value) and tostring(math.tointeger(tonumber(value)) or value) or tostring(value) end

local function may_be(well, field, value)
  for one in pairs(well[field]) do
    if plain(one) == plain(value) then return one end
  end
end

local function listed(values)
  local words = {}
  for value in pairs(values) do words[#words + 1] = tostring(value) end
  table.sort(words)
  return table.concat(words, " or ")
end

-- One well as it is on both sides: gives whether it stays. What is certain now is noted.
function people:check_one(code, well, here, there, lost)
  local t = self.t
  if (here == nil) ~= (there == nil) then
    t.fail("%s, edited at %s: %s at home and %s there", code, well.side or "none", here and "is" or "is not", there and "is" or "is not")
  end
  if well.there == true and not here then t.fail("%s, edited at %s, is lost on both sides", code, well.side or "none") end
  if well.there == false and here then t.fail("%s, deleted at %s, is still there", code, well.side or "none") end
  if not here then return false end
  for _, field in ipairs(FIELDS) do
    local value = may_be(well, field, here[field])
    if value == nil then
      t.fail("%s, edited at %s: %s is %s and not %s", code, well.side or "none", field, tostring(here[field]), listed(well[field]))
    end
    if plain(here[field]) ~= plain(there[field]) then
      t.fail("%s: %s is %s at home and %s there", code, field, tostring(here[field]), tostring(there[field]))
    end
    well[field] = { [value] = true }
  end
  for _, value in ipairs(well.clash or {}) do
    if not well.name[value] and not lost:find('"' .. value .. '"', 1, true) then t.fail("%s: %s lost and is not kept", code, value) end
  end
  well.side, well.clash, well.there, well.home, well.id = nil, nil, true, here.id, there.id
  return true
end

-- Both sides are equal and hold what they must. A new epoch begins.
function people:settled()
  local t = self.t
  local ours, theirs = t.home "well", self.remote.data "well"
  local here, there = by_code(t, ours, "home"), by_code(t, theirs, "the datasource")
  local lost = {}
  for _, row in ipairs(t.rows "SELECT payload FROM weir_conflict UNION ALL SELECT payload FROM weir_dead") do
    lost[#lost + 1] = row[1] or ""
  end
  lost = table.concat(lost, "\n")
  local codes = {}
  for _, code in ipairs(self.codes) do
    if self:check_one(code, self.wells[code], here[code], there[code], lost) then
      codes[#codes + 1] = code
    else
      self.wells[code] = nil
    end
  end
  self.codes, self.gone = codes, 0
  t.equal(#ours, #codes, "home's wells")
  t.equal(#theirs, #codes, "the wells there")
  return #codes
end

return people
