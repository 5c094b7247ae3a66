-- Writes a graph that makes a dataset of 80 columns from the orders and one that asks 226 checks of
-- it, and the same questions as one statement by hand: luajit make_wide.lua FOLDER
local folder = arg[1]

local function write(name, lines)
  local file = assert(io.open(folder .. "/" .. name, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end

local primes = { 7919, 104729, 1299709, 15485863 }
local selected, checks, asked = {}, {}, {}

local function ask(check, sql)
  checks[#checks + 1] = "      - " .. check
  asked[#asked + 1] = sql
end

ask("row_count: { min: 1 }", "count(*)")
for i = 1, 80 do
  local c = "c" .. i
  if i <= 40 then
    selected[i] = ("_line * %d %% %d as %s"):format(primes[i % 4 + 1], 1000 * i + 7, c)
  elseif i <= 60 then
    selected[i] = ("((_line * %d %% %d) * 0.01)::DECIMAL(18,2) as %s"):format(primes[i % 4 + 1], 100000 + i, c)
  else
    selected[i] = ("'V' || (_line * %d %% %d)::VARCHAR as %s"):format(primes[i % 4 + 1], 5 + i % 7, c)
  end
  ask("not_null: " .. c, ("count_if(%s is null)"):format(c))
  if i <= 60 then
    local most = i <= 40 and 1000 * i + 7 or 1100
    ask(("in_range: { column: %s, min: 0, max: %d }"):format(c, most), ("count_if(%s not between 0 and %d)"):format(c, most))
  end
  if i > 60 then
    local set = {}
    for v = 0, 11 do set[#set + 1] = "V" .. v end
    ask(("in_set: { column: %s, values: [%s] }"):format(c, table.concat(set, ", ")),
      ("count_if(%s not in ('%s'))"):format(c, table.concat(set, "','")))
    ask(("length: { column: %s, min: 2, max: 3 }"):format(c), ("count_if(length(%s) not between 2 and 3)"):format(c))
  end
  if i > 40 and i <= 55 then
    ask(("aggregate: { column: %s, function: mean, min: 1, max: 2000 }"):format(c), ("sum(%s), count(%s)"):format(c, c))
    ask(("aggregate: { column: %s, function: max, max: 2000 }"):format(c), ("max(%s)"):format(c))
    ask(("aggregate: { column: %s, function: sum, min: 1 }"):format(c), ("sum(%s)"):format(c))
  end
end
assert(#checks == 226, #checks)

local columns = {}
for i = 1, 80 do
  columns[i] = ("      c%d: %s"):format(i, i <= 40 and "integer" or i <= 60 and "money" or "text")
end
write("graphs/wide.yaml", {
  "graph: wide", "description: Eighty columns.", "period: month", "", "jobs:", "  wide:",
  "    type: transform", "    inputs: [orders]", "    into: wide", "    key: [row]",
  "    columns:", "      row: integer", table.concat(columns, "\n"),
  '    balance: none', '    because: "made for a benchmark"',
  "    sql: >", "      select _line as row, " .. table.concat(selected, ", ") .. " from orders",
})
write("graphs/many.yaml", {
  "graph: many", "description: 226 checks of 80 columns.", "period: month", "", "jobs:",
  "  wide_is_sound:", "    type: check", "    of: wide", "    checks:", table.concat(checks, "\n"),
})
write("many.sql", {
  "SET threads = 2;", "SELECT " .. table.concat(asked, ",\n  ") .. " FROM read_parquet('${FILE}');",
})
