-- Looks into a home with the sqlite3 shell and tells what is in it as text that can be compared.
local shell = require "shell"
local home = {}

local CELL, ROW, NULL, NEXT = "\31", "\30", "\29", "\28"

-- The rows of several queries, asked in one go: a list of lists of rows, a row being a list of texts. Null is false.
function home.queries(path, list)
  local sql = {}
  for i, query in ipairs(list) do sql[i] = query .. ";\nSELECT '" .. NEXT .. "';" end
  local text = shell.must(("sqlite3 -readonly -batch -separator '%s' -newline '%s' -nullvalue '%s' %s %s"):format(CELL,
    ROW, NULL, shell.quote(path), shell.quote(table.concat(sql, "\n"))))
  local results, rows = {}, {}
  for line in text:gmatch("([^" .. ROW .. "]*)" .. ROW) do
    if line == NEXT then
      results[#results + 1], rows = rows, {}
    else
      local row = {}
      for cell in (line .. CELL):gmatch("([^" .. CELL .. "]*)" .. CELL) do row[#row + 1] = cell ~= NULL and cell end
      rows[#rows + 1] = row
    end
  end
  return results
end

local COLUMNS = [[SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
  WHERE m.type = 'table' AND m.sql LIKE 'CREATE TABLE%' ORDER BY m.name, c.cid]]

-- From the rows of COLUMNS: table -> its columns, and the tables in order.
local function columns_of(rows)
  local found, order = {}, {}
  for _, row in ipairs(rows) do
    if not found[row[1]] then
      found[row[1]] = {}
      order[#order + 1] = row[1]
    end
    table.insert(found[row[1]], row[2])
  end
  return found, order
end

-- Everything that a run without news must leave as it is, ids and seqs too. Runs and their story are not of it.
function home.raw(path)
  local told = { weir_run = true, weir_log = true, weir_lease = true, weir_audit = true, sqlite_sequence = true }
  local tables, order = columns_of(home.queries(path, { COLUMNS })[1])
  local sql = {}
  for _, name in ipairs(order) do
    local cells = {}
    for _, column in ipairs(tables[name]) do
      if name ~= "weir_conflict" or column ~= "met_run" then cells[#cells + 1] = ("quote(%q)"):format(column) end
    end
    if not told[name] then
      sql[#sql + 1] = ("SELECT '%s: ' || %s FROM %q ORDER BY 1"):format(name, table.concat(cells, " || ' ' || "), name)
    end
  end
  local lines = {}
  for _, rows in ipairs(home.queries(path, sql)) do
    for _, row in ipairs(rows) do
      -- Ids that were set aside and not used are gone for good; that is no change of anybody's data.
      if not row[1]:find("^weir_counter: 'id'") then lines[#lines + 1] = row[1] end
    end
  end
  return table.concat(lines, "\n")
end

local function iso(microseconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", tonumber(microseconds) // 1000000)
end

-- What two homes that were filled in different ways must have in common. Ids and seqs may differ: a record is named by
-- its external ids, or by its fields when it has none.
function home.dump(path)
  local first = home.queries(path, { COLUMNS, "SELECT name, declaration FROM weir_datatype ORDER BY name",
    "SELECT number, datasource, datatype FROM weir_linkset" })
  local tables, datatypes, sets = columns_of(first[1]), first[2], first[3]
  local sql = {
    [[SELECT awaits_datasource || ':' || awaits_external || ' of ' || awaits_type || ' awaited by ' || datatype || ' ' ||
      CASE WHEN home = 0 THEN external ELSE 'field ' || field END FROM weir_pending ORDER BY 1]],
    [[SELECT type || ' ' || external || ' ' || code || ' at ' || place || ': ' || reason FROM weir_dead ORDER BY 1]],
    [[SELECT kind || ' ' || datatype || ' ' || external || ' ' || coalesce(payload, '') FROM weir_conflict ORDER BY 1]],
  }
  for _, set in ipairs(sets) do
    sql[#sql + 1] = ("SELECT home, external FROM weir_link_%s ORDER BY external"):format(set[1])
  end
  for _, datatype in ipairs(datatypes) do sql[#sql + 1] = ("SELECT * FROM %q"):format(datatype[1]) end
  local results = home.queries(path, sql)

  -- datatype -> home id -> "datasource:external id" of each of its links
  local externals = {}
  for i, set in ipairs(sets) do
    for _, row in ipairs(results[3 + i]) do
      externals[set[3]] = externals[set[3]] or {}
      local list = externals[set[3]][row[1]] or {}
      externals[set[3]][row[1]] = list
      list[#list + 1] = set[2] .. ":" .. row[2]
    end
  end
  local function called(datatype, id)
    local list = externals[datatype] and externals[datatype][id]
    if not list then return "(no link)" end
    table.sort(list)
    return table.concat(list, " ")
  end

  local lines = {}
  for i, datatype in ipairs(datatypes) do
    local name, here, targets, times = datatype[1], {}, {}, {}
    for field in datatype[2]:gmatch "{[^{}]*}" do
      local column = field:match('"name":"([^"]*)"')
      targets[column] = field:match('"target":"([^"]*)"')
      times[column] = field:find('"type":"time"', 1, true) ~= nil
    end
    for _, row in ipairs(results[3 + #sets + i]) do
      local cells = {}
      for c, column in ipairs(tables[name]) do
        local value = row[c]
        if value and times[column] then value = iso(value) end
        if value and targets[column] then value = "<" .. called(targets[column], value) .. ">" end
        if column ~= "id" and column ~= "seq" and value then cells[#cells + 1] = column .. "=" .. value end
      end
      here[#here + 1] = ("  %s  %s"):format(called(name, row[1]), table.concat(cells, " "))
    end
    table.sort(here)
    lines[#lines + 1] = name
    table.move(here, 1, #here, #lines + 1, lines)
  end
  for i, title in ipairs { "pending", "dead", "conflict" } do
    if #results[i] > 0 then lines[#lines + 1] = title end
    for _, row in ipairs(results[i]) do lines[#lines + 1] = "  " .. row[1] end
  end
  return table.concat(lines, "\n") .. "\n"
end

return home
