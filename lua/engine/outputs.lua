--- Where results of rules go: findings of checks, typed columns of everything else. A result that
--- is not what its type asks for raises here, which makes it a rule error on its row.
local prelude = require "engine.prelude"
local texts = require "tallymill.texts"

local outputs = {}

local floor, next, type = math.floor, next, type
local MAX_EXACT = 2 ^ 53
--- What a rule computed: 2^53 itself may be the rounded 2^53 + 1.
local MAX_COMPUTED = MAX_EXACT - 1

local function shown(value)
  local kind = type(value)
  if kind == "string" then return ("'%s'"):format(value) end
  if kind == "number" then return ("%.14g"):format(value) end
  return kind == "boolean" and tostring(value) or "a " .. kind
end

local function reject(rule, what, value, expected)
  error(("%s:%d: %s gave %s, but %s"):format(rule.file, rule.line, what, shown(value), expected), 0)
end

local function whole(limit, expected)
  return function(value)
    if type(value) == "number" and value == floor(value) and value <= limit and value >= -limit then
      return value
    end
    return nil, expected
  end
end

local function of_type(name, expected)
  return function(value)
    if type(value) == name then return value end
    return nil, expected
  end
end

--- A ratio is stored in units of 1e-9, half to even.
local function ratio(value)
  if type(value) ~= "number" or not (value < 1e9 and value > -1e9) then
    return nil, "a ratio is a number below 1,000,000,000"
  end
  local units = value * 1e9
  local low = floor(units)
  local rest = units - low
  if rest > 0.5 or (rest == 0.5 and low % 2 == 1) then low = low + 1 end
  return low
end

--- `convert(value)` for a column: the value to keep, or nil and what was expected.
local function converter(column)
  local kind = column.kind
  if kind == "money" then
    return whole(MAX_COMPUTED, "money is a whole number of minor units; use t.round or t.share")
  elseif kind == "integer" then
    return whole(MAX_COMPUTED, "an integer is a whole number within 2^53")
  elseif kind == "decimal" then
    return whole(math.min(10 ^ column.precision - 1, MAX_COMPUTED),
      ("decimal(%d,%d) is a whole number of 10^-%d units with at most %d digits; use t.round")
        :format(column.precision, column.scale, column.scale, column.precision))
  elseif kind == "ratio" then
    return ratio
  elseif kind == "date" then
    return whole(2 ^ 31 - 1, "a date is a day number, as t.date gives it")
  elseif kind == "timestamp" then
    return whole(MAX_COMPUTED, "a timestamp is whole microseconds, as t.timestamp gives it")
  elseif kind == "boolean" then
    return of_type("boolean", "true or false was expected")
  end
  return of_type("string", "a text was expected")
end

outputs.converter = converter

--- 0-based arrays with room for one chunk, so that a nil in the middle keeps its place.
local function column_array()
  local array = {}
  for i = 0, 2047 do array[i] = false end
  return array
end

--- What messages of a rule may name.
local function message_shape(rule, params, columns)
  return { columns = columns, params = params, param_types = rule.param_types }
end

--- A function that takes a row's sensitive texts out of a message a rule has put together itself;
--- nil if no column is sensitive.
local function hider(columns)
  local names = {}
  for name, column in next, columns do
    if column.masked and column.kind == "text" then names[#names + 1] = name end
  end
  if #names == 0 then return nil end
  return function(message, row)
    for _, name in ipairs(names) do
      local value = rawget(row, name)
      if type(value) == "string" and value ~= "" then
        message = message:gsub(value:gsub("%p", "%%%0"), "***")
      end
    end
    return message
  end
end

local FINDING_STATES = { fail = true, warn = true, not_applicable = true }

local function check_take(spec, set, columns)
  -- By position, as rules/rule_evaluator.cpp reads them: [0] is the count.
  local at, by, states, codes, messages = {}, {}, {}, {}, {}
  local findings = { [0] = 0, at, by, states, codes, messages }
  local rules, row, shapes = spec.rules, set.row, {}
  local hide = hider(columns)
  for r, rule in ipairs(rules) do shapes[r] = message_shape(rule, set.params[r], columns) end
  local function take(i, r, value)
    local rule = rules[r]
    if type(value) ~= "table" or not FINDING_STATES[value.verdict] then
      reject(rule, "check", value, "a check returns nothing, t.fail(...) or t.warn(...)")
    end
    local values = value.values
    local message = value.message
    if values then message = texts.expand(message, values, values == row and shapes[r] or nil) end
    if hide then message = hide(message, row) end
    local n = findings[0] + 1
    at[n], by[n], states[n], codes[n], messages[n] = i, rule.index, value.verdict, value.code, message
    findings[0] = n
  end
  return take, findings
end

--- Where findings of a group rule go: take(rows, value), and the lists of places in the group,
--- states, codes and messages, [0] is their number.
function outputs.group_take(rule, params, columns)
  local at, states, codes, messages = {}, {}, {}, {}
  local findings = { [0] = 0, at, states, codes, messages }
  local shape = message_shape(rule, params, columns)
  local hide = hider(columns)
  local expected = "a group rule returns nothing, t.fail(code, message, row) about one of its rows, "
    .. "or a list of such"

  local function keep(places, seen, value)
    local place = type(value) == "table" and FINDING_STATES[value.verdict] and places[value.values]
    if not place then
      reject(rule, "group", type(value) == "table" and value.code or value, expected)
    end
    if seen[place] then
      reject(rule, "group", value.code, "row " .. place .. " of the group has a finding already")
    end
    seen[place] = true
    local message = texts.expand(value.message, value.values, shape)
    if hide then
      for row in next, places do message = hide(message, row) end
    end
    local n = findings[0] + 1
    at[n], states[n], codes[n], messages[n] = place, value.verdict, value.code, message
    findings[0] = n
  end

  local function take(rows, value)
    findings[0] = 0
    if value == nil then return end
    local places = {}
    for n = 1, #rows do places[rows[n]] = n end
    local seen = {}
    if type(value) ~= "table" or value.verdict then return keep(places, seen, value) end
    for n = 1, #value do keep(places, seen, value[n]) end
    for key in next, value do
      if type(key) ~= "number" then reject(rule, "group", value, expected) end
    end
  end
  return take, findings
end

--- Checks and keeps one column of a transform's result.
local function column_store(rule, column, array)
  local convert = converter(column)
  return function(i, value)
    local kept, expected
    if value ~= nil then
      kept, expected = convert(value)
      if kept == nil then reject(rule, "transform column '" .. column.name .. "'", value, expected) end
    end
    array[i] = kept
  end
end

--- A rule that gives a table of columns; nothing means all of them null.
local function transform_take(rule, first)
  local known, stores, names, arrays = {}, {}, {}, {}
  for k, column in ipairs(rule.outputs) do
    local array = column_array()
    arrays[first + k], known[column.name], names[k] = array, true, column.name
    stores[k] = column_store(rule, column, array)
  end
  local function unknown(name)
    error(("%s:%d: transform gave column '%s', which is not in returns")
      :format(rule.file, rule.line, tostring(name)), 0)
  end
  local function not_a_table(value) reject(rule, "transform", value, "it returns a table of columns") end
  local chunk = assert(load(prelude.transform_source(names), "=lua/prelude", "t"))
  return chunk(known, stores, unknown, not_a_table), arrays
end

--- A rule that gives one name: the label of classify, the driver of driver, the cause of break.
local function name_take(rule, kind, first)
  local array, allowed = column_array(), rule.allowed
  local set = {}
  for _, name in ipairs(allowed or {}) do set[name] = true end
  local list = allowed and table.concat(allowed, ", ")
  local function take(i, value)
    if value ~= nil then
      if type(value) ~= "string" then reject(rule, kind, value, "a text was expected") end
      if allowed and not set[value] then reject(rule, kind, value, "it may be one of: " .. list) end
    end
    array[i] = value
  end
  return take, { [first + 1] = array }
end

--- A rule that gives several labels: each once, in the order of `labels`, else of their texts.
local function labels_take(rule, first)
  local array, allowed = column_array(), rule.allowed
  local place = {}
  for n, name in ipairs(allowed or {}) do place[name] = n end
  local list = allowed and table.concat(allowed, ", ")
  local function before(a, b)
    if allowed then return place[a] < place[b] end
    return a < b
  end
  local function check(label)
    if type(label) ~= "string" then reject(rule, "classify", label, "a label is a text") end
    if allowed and not place[label] then
      reject(rule, "classify", label, "it may be one of: " .. list)
    end
    if label == "" or label:find(";", 1, true) then
      reject(rule, "classify", label, "a label has no ';' and is not empty")
    end
  end
  local function take(i, value)
    if value ~= nil and type(value) ~= "table" then
      check(value)
    elseif value ~= nil then
      local labels, seen = {}, {}
      for n = 1, #value do
        check(value[n])
        if not seen[value[n]] then labels[#labels + 1], seen[value[n]] = value[n], true end
      end
      for key in next, value do
        if type(key) ~= "number" then reject(rule, "classify", value, "several labels are a list") end
      end
      table.sort(labels, before)
      value = #labels > 0 and table.concat(labels, ";") or nil
    end
    array[i] = value
  end
  return take, { [first + 1] = array }
end

--- A rule that gives points by reason; their sum is the score.
local function score_take(rule, first)
  local scores, reasons = column_array(), column_array()
  local column, allowed = rule.outputs[1], rule.allowed
  local convert = converter(column)
  local set = {}
  for _, name in ipairs(allowed or {}) do set[name] = true end
  local list = allowed and table.concat(allowed, ", ")
  local function take(i, value)
    if value == nil then
      scores[i], reasons[i] = nil, nil
      return
    end
    if type(value) ~= "table" or value.verdict then
      reject(rule, "score", value, "it returns a table of points by reason")
    end
    -- The sum of magnitudes tells whether any order of adding stays exact.
    local names, total, magnitude = {}, 0, 0
    for name, points in next, value do
      if type(name) ~= "string" then reject(rule, "score", name, "a reason is a text") end
      if allowed and not set[name] then
        reject(rule, "score reason", name, "it may be one of: " .. list)
      end
      local kept, expected = convert(points)
      if kept == nil then reject(rule, "score reason '" .. name .. "'", points, expected) end
      total, magnitude = total + points, magnitude + math.abs(points)
      if points ~= 0 then names[#names + 1] = name end
    end
    local kept, expected = convert(total)
    if magnitude >= MAX_EXACT or kept == nil then
      reject(rule, "score", total, expected or "the points are beyond 2^53 together")
    end
    table.sort(names, function(a, b)
      local left, right = math.abs(value[a]), math.abs(value[b])
      if left ~= right then return left > right end
      return a < b
    end)
    for n, name in ipairs(names) do
      names[n] = name .. " " .. texts.value_text(value[name], column)
    end
    scores[i], reasons[i] = kept, table.concat(names, "; ")
  end
  return take, { [first + 1] = scores, [first + 2] = reasons }
end

--- A rule that gives a band, by name or with a message.
local function threshold_take(rule, row, shape, first)
  local hide = hider(shape.columns)
  local bands, messages = column_array(), column_array()
  local set, allowed = {}, rule.allowed
  for _, name in ipairs(allowed or {}) do set[name] = true end
  local list = allowed and table.concat(allowed, ", ")
  local function take(i, value)
    local band, message = value, nil
    if type(value) == "table" and value.verdict == "band" then
      band, message = value.code, value.message
      local values = value.values
      if values then message = texts.expand(message, values, values == row and shape or nil) end
      if hide then message = hide(message, row) end
    elseif value ~= nil and type(value) ~= "string" then
      reject(rule, "threshold", value, "it returns t.band(...), the name of a band, or nothing")
    end
    if band ~= nil and allowed and not set[band] then
      reject(rule, "threshold", band, "it may be one of: " .. list)
    end
    bands[i], messages[i] = band, message
  end
  return take, { [first + 1] = bands, [first + 2] = messages }
end

--- {take=function(i, r, value), takes={function(i, value)...}, findings=, outputs={array...}}.
function outputs.make(spec, set, columns)
  if spec.kind == "check" then
    local take, findings = check_take(spec, set, columns)
    return { take = take, takes = {}, findings = findings, outputs = {} }
  end
  local sinks = { takes = {}, outputs = {}, findings = false }
  for r, rule in ipairs(spec.rules) do
    local first = #sinks.outputs
    local take, arrays
    if spec.kind == "transform" then
      take, arrays = transform_take(rule, first)
    elseif spec.kind == "threshold" then
      take, arrays = threshold_take(rule, set.row, message_shape(rule, set.params[r], columns), first)
    elseif spec.kind == "score" then
      take, arrays = score_take(rule, first)
    elseif rule.many then
      take, arrays = labels_take(rule, first)
    else
      take, arrays = name_take(rule, spec.kind, first)
    end
    sinks.takes[r] = take
    for position, array in next, arrays do sinks.outputs[position] = array end
  end
  local takes = sinks.takes
  sinks.take = function(i, r, value) takes[r](i, value) end
  return sinks
end

return outputs
