--- A set of rules of one kind over rows of one shape: their functions, the reused row table, and
--- where results go. The compiled loop comes from prelude.lua; interpreted states are driven row by
--- row from rules/row_loop.cpp with the same tables, so both give the same results.
local ffi = require "ffi"
local describe = require "engine.describe"
local outputs = require "engine.outputs"
local prelude = require "engine.prelude"
local row_shape = require "engine.row_shape"

ffi.cdef [[
typedef struct {
  int32_t row, rule, rows, has_nulls;
  const void **data;
  const uint8_t **nulls;
  const uint8_t **skips;
  const void **texts;
} tallymill_chunk;

typedef struct {
  uint32_t length;
  char inlined[4];
  union { char rest[8]; const char *pointer; };
} tallymill_text;
]]

local row_set = {}

local pointers = {
  int64 = ffi.typeof "const int64_t *",
  int32 = ffi.typeof "const int32_t *",
  uint8 = ffi.typeof "const uint8_t *",
}

--- The one row table. A column that is null reads as nil; any other name is an error.
local function new_row(columns, missing)
  local row = {}
  for name in next, columns do row[name] = false end  -- every key has its place before the loop
  return setmetatable(row, row_shape(columns, missing))
end

local text_pointer = ffi.typeof "const tallymill_text *"

--- A function that gives the text of the k-th column in the row at hand, if it is in no dictionary
--- (its index is 1 to 2048); interpreted states have one in C, rules/row_loop.cpp.
local function fetcher(context)
  local cast, string = ffi.cast, ffi.string
  return function(k)
    local row = context.row
    local index = cast(pointers.int32, context.data[k - 1])[row]
    if index < 1 or index > 2048 then return nil end
    local text = cast(text_pointer, context.texts[k - 1])[row]
    local length = text.length
    if length <= 12 then return string(text.inlined, length) end
    return string(text.pointer, length)
  end
end

--- Where texts by row become Lua texts: when a rule first looks at them, and then for all rules.
local function text_columns(spec, set)
  local positions = {}
  for k, column in ipairs(spec.columns) do
    if column.kind == "text" then positions[column.name] = k end
  end
  return function(row, name)
    local k = positions[name]
    if not k or not set.fetch then return nil end
    local text = set.fetch(k)
    if text ~= nil then rawset(row, name, text) end
    return text
  end
end

local function rule_params(rule, overrides)
  local params = describe.params(rule.fields.params)
  for name, value in next, overrides do params[name] = value end
  return params
end

--- Tables of texts by column, shared by all sets of the state: C++ has one dictionary a column.
local dictionaries = {}

local function dictionary(column)
  if column.kind ~= "text" then return false end
  local texts = dictionaries[column.name]
  if not texts then
    texts = { [0] = "" }
    for i = 1, 2048 do texts[i] = false end  -- room for the texts of one chunk that have no number
    dictionaries[column.name] = texts
  end
  return texts
end

--- `spec`: see RulePlan::batch_spec() in rules/rule_plan.cpp. Gives what rules/row_loop.cpp takes
--- references to: {loop, rest, row, functions, params, take, dictionaries, findings, outputs}.
function row_set.make(spec, rules)
  local columns = {}
  for _, column in ipairs(spec.columns) do
    if not column.feeds then columns[column.name] = column end
  end
  local set = { functions = {}, params = {}, dictionaries = {} }
  set.row = new_row(columns, text_columns(spec, set))
  for r, rule in ipairs(spec.rules) do
    local loaded = rules[rule.name]
    set.functions[r] = loaded.fields[spec["function"]]
    set.params[r] = rule_params(loaded, rule.params)
  end
  for k, column in ipairs(spec.columns) do set.dictionaries[k] = dictionary(column) end
  local sinks = outputs.make(spec, set, columns)
  set.take, set.findings, set.outputs = sinks.take, sinks.findings, sinks.outputs
  if spec.compiled then
    local source = prelude.source(spec)
    local chunk = assert(load(source, "=lua/prelude", "t"))
    local context = ffi.cast("tallymill_chunk *", spec.context)
    set.fetch = fetcher(context)
    set.loop, set.rest = chunk(context, ffi.cast, pointers, set.dictionaries, set.functions,
      set.params, set.row, sinks.take, sinks.takes, set.fetch)
  end
  return set
end

return row_set
