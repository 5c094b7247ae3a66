--- Generates the loop that runs a set of rules over one chunk of rows: trusted code that reads
--- DuckDB's vectors through FFI into one reused plain table, so that the JIT compiles filling and
--- rules into one trace. Only the columns used appear in it. Technique and rivals: rules/README.md.
local prelude = {}

--- Row `i` (0-based) of column `k` as a Lua value; c<k> is its data, d<k> its dictionary of texts.
local READERS = {
  text = "d%d[c%d[i]]",
  integer = "tonumber(c%d[i])",
  money = "tonumber(c%d[i])",
  decimal = "tonumber(c%d[i])",
  timestamp = "tonumber(c%d[i])",
  ratio = "tonumber(c%d[i]) / 1e9",
  date = "c%d[i]",
  boolean = "c%d[i] ~= 0",
}
local POINTERS = { text = "int32", date = "int32", boolean = "uint8" }

local function reader(column, k)
  return (READERS[column.kind]:gsub("%%d", tostring(k)))
end

--- Lines of a text under construction.
local function writer()
  local lines = {}
  return function(template, ...)
    lines[#lines + 1] = select("#", ...) > 0 and template:format(...) or template
  end, lines
end

local function write_locals(write, spec)
  for k, column in ipairs(spec.columns) do
    write("  local c%d = cast(pointers.%s, ctx.data[%d])", k, POINTERS[column.kind] or "int64", k - 1)
    if column.kind == "text" then write("  local d%d = dictionaries[%d]", k, k) end
    if column.optional then write("  local z%d = ctx.nulls[%d]", k, k - 1) end
  end
  for r in ipairs(spec.rules) do
    write("  local f%d, p%d, s%d = functions[%d], params[%d], ctx.skips[%d]", r, r, r, r, r, r - 1)
  end
end

local function write_fill(write, spec, with_nulls)
  for k, column in ipairs(spec.columns) do
    if column.feeds then
      -- A value of a parameter table, for the parameters of some rules instead of the row.
      write("    local v%d = %s", k, reader(column, k))
      if column.kind == "text" then
        write("    if c%d[i] > 0 and c%d[i] <= 2048 then v%d = fetch(%d) end", k, k, k, k)
      end
      for _, feed in ipairs(column.feeds) do
        write("    rawset(p%d, %q, v%d)", feed.rule, feed.param, k)
      end
    elseif with_nulls and column.optional and column.kind == "text" then
      write("    if z%d[i] ~= 0 or (c%d[i] > 0 and c%d[i] <= 2048) then rawset(row, %q, nil) else rawset(row, %q, %s) end",
        k, k, k, column.name, column.name, reader(column, k))
    elseif with_nulls and column.optional then
      write("    if z%d[i] ~= 0 then rawset(row, %q, nil) else rawset(row, %q, %s) end",
        k, column.name, column.name, reader(column, k))
    elseif column.kind == "text" then
      -- Few-valued texts come from the dictionary; one of its own is fetched when a rule looks at it.
      write("    if c%d[i] < 1 or c%d[i] > 2048 then rawset(row, %q, %s) else rawset(row, %q, nil) end",
        k, k, column.name, reader(column, k), column.name)
    else
      write("    rawset(row, %q, %s)", column.name, reader(column, k))
    end
  end
end

--- The call of rule `r`. The watchdog reads ctx.rule, so it is stored before the call.
local function write_call(write, spec, r, with_nulls)
  local rule = spec.rules[r]
  if with_nulls then write("    if s%d[i] == 0 then", r) end
  if #spec.rules > 1 then write("    ctx.rule = %d", rule.index) end
  if spec.kind == "check" then
    write("    do local v = f%d(row, p%d) if v ~= nil then take(i, %d, v) end end", r, r, r)
  else
    write("    takes[%d](i, f%d(row, p%d))", r, r, r)
  end
  if with_nulls then write("    end") end
end

local function write_loop(write, spec, with_nulls)
  write("    for i = from, n - 1 do")
  write("    ctx.row = i")
  write_fill(write, spec, with_nulls)
  for r in ipairs(spec.rules) do write_call(write, spec, r, with_nulls) end
  write("    end")
end

--- The source of a chunk that returns two functions: `loop(from)` evaluates rows from..rows-1, and
--- `rest(i, first)` the rules from the first-th on for row i, whose table is already filled.
function prelude.source(spec)
  local write, lines = writer()
  write("local ctx, cast, pointers, dictionaries, functions, params, row, take, takes, fetch = ...")
  write("local rawset, tonumber = rawset, tonumber")
  write("local function loop(from)")
  write("  local n = ctx.rows")
  write_locals(write, spec)
  if #spec.rules == 1 then write("  ctx.rule = %d", spec.rules[1].index) end
  write("  if ctx.has_nulls == 0 then")
  write_loop(write, spec, false)
  write("  else")
  write_loop(write, spec, true)
  write("  end")
  write("end")
  write("local function rest(i, first)")
  for r in ipairs(spec.rules) do
    write("  local f%d, p%d, s%d = functions[%d], params[%d], ctx.skips[%d]", r, r, r, r, r, r - 1)
  end
  for r in ipairs(spec.rules) do
    write("  if first <= %d then", r)
    write_call(write, spec, r, true)
    write("  end")
  end
  write("end")
  write("return loop, rest")
  return table.concat(lines, "\n")
end

--- The source of a chunk that returns `take(i, value)` of a transform. Unrolled, because a loop over
--- columns inside the row loop would not compile into it.
function prelude.transform_source(names)
  local write, lines = writer()
  write("local known, stores, unknown, not_a_table = ...")
  write("local next, type = next, type")
  for k in ipairs(names) do write("local s%d = stores[%d]", k, k) end
  write("return function(i, v)")
  write("  if v == nil then")
  for k in ipairs(names) do write("    s%d(i, nil)", k) end
  write("    return")
  write("  end")
  write("  if type(v) ~= 'table' then not_a_table(v) end")
  write("  for name in next, v do if not known[name] then unknown(name) end end")
  for k, name in ipairs(names) do write("  s%d(i, v[%q])", k, name) end
  write("end")
  return table.concat(lines, "\n")
end

return prelude
