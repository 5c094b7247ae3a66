--- Runs the tests written in a rule file, one a call, so that a test that never ends spoils only itself.
local group_set = require "engine.group_set"
local outputs = require "engine.outputs"
local row_set = require "engine.row_set"
local texts = require "tallymill.texts"

local rule_tests = {}

--- Fills the set's row from `given`; false if a column that may not be null is missing.
local function fill(set, spec, given)
  for _, column in ipairs(spec.columns) do rawset(set.row, column.name, given[column.name]) end
  for _, column in ipairs(spec.columns) do
    if given[column.name] == nil and not column.optional then return false end
  end
  return true
end

--- What the rule said, as {what=, message=} for texts or {values=} for a transform.
local function outcome(set, spec)
  local ok, value = pcall(set.functions[1], set.row, set.params[1])
  if ok and (value ~= nil or spec.kind ~= "check") then
    ok, value = pcall(set.take, 0, 1, value)
  end
  if not ok then
    local is_text = type(value) == "string"
    return { what = "error", message = is_text and value or "the rule raised an error that is no text" }
  end
  if spec.kind == "check" then
    local findings = set.findings
    if findings[0] == 0 then return { what = "pass" } end
    return { what = findings[4][1], message = findings[5][1], state = findings[3][1] }
  elseif spec.kind == "transform" then
    local values, got = {}, false
    for k, column in ipairs(spec.rules[1].outputs) do
      values[column.name] = set.outputs[k][0]
      got = got or values[column.name] ~= nil
    end
    return { values = values, what = not got and "nothing" or nil }
  end
  local what = set.outputs[1][0]
  if type(what) == "number" then what = texts.value_text(what, spec.rules[1].outputs[1]) end
  return { what = what or "nothing", message = set.outputs[2] and set.outputs[2][0] }
end

local function described(result)
  local text = result.what
  if result.state == "warn" then text = "warn " .. text end
  if result.message and result.message ~= "" then text = text .. ": " .. result.message end
  return text
end

local function column_text(column, value)
  if value == nil then return "null" end
  if type(value) == "string" then return "'" .. value .. "'" end
  if column.kind == "ratio" then return texts.decimal_text(value, 9) end
  return texts.value_text(value, column)
end

--- nil, or how a transform's values differ from what the test expects.
local function transform_difference(spec, expect, expect_null, result)
  if not result.values then return "got " .. described(result) end
  local differences, known = {}, {}
  for _, column in ipairs(spec.rules[1].outputs) do
    local wanted, got = expect[column.name], result.values[column.name]
    known[column.name] = column
    if wanted ~= nil then
      local stored = outputs.converter(column)(wanted)
      if stored ~= got or stored == nil then
        differences[#differences + 1] = ("expected %s = %s, got %s"):format(column.name,
          stored ~= nil and column_text(column, stored) or tostring(wanted), column_text(column, got))
      end
    end
  end
  for _, name in ipairs(expect_null or {}) do
    if known[name] and result.values[name] ~= nil then
      differences[#differences + 1] = ("expected %s = null, got %s"):format(name,
        column_text(known[name], result.values[name]))
    end
  end
  for name in next, expect do
    if not known[name] then differences[#differences + 1] = ("'%s' is not in returns"):format(name) end
  end
  if #differences == 0 then return nil end
  table.sort(differences)
  return table.concat(differences, "; ")
end

local function difference(spec, test, result)
  local expect = test.expect
  if type(expect) == "table" and spec.kind == "transform" then
    return transform_difference(spec, expect, test.expect_null, result)
  end
  if type(expect) == "table" then expect = #expect > 0 and table.concat(expect, ";") or "nothing" end
  if type(expect) == "number" then
    expect = texts.value_text(expect, spec.rules[1].outputs[1])
  end
  if result.what ~= expect then
    local got = result.what and described(result) or "a table of columns"
    return ("expected %s, got %s"):format(tostring(expect), got)
  end
  if test.message ~= nil and test.message ~= result.message then
    return ("expected the message '%s', got '%s'"):format(test.message, result.message or "")
  end
  return nil
end

--- What a group rule says of each row given: "pass" or a code; not those it may not see. `messages`
--- and `states` are by row, where there is a finding. `watch`: see group_set.make.
local function group_results(spec, rules, given, watch)
  local set = group_set.make(spec, rules, watch)
  local rows, results, messages, states = {}, {}, {}, {}
  local first
  for n, values in ipairs(given) do
    results[n] = "pass"
    local row = {}
    for _, column in ipairs(spec.columns) do
      row[column.name] = values[column.name]
      if values[column.name] == nil and not column.optional then results[n] = "not_applicable" end
    end
    if results[n] == "pass" then rows[#rows + 1] = setmetatable(row, set.row_shape) end
  end
  local ok, problem = pcall(set.run, rows)
  if not ok then return { what = "error", message = tostring(problem) } end
  local findings, place = set.findings, 0
  for n = 1, #results do
    if results[n] == "pass" then
      place = place + 1
      for k = 1, findings[0] do
        if findings[1][k] == place then
          results[n], states[n], messages[n] = findings[3][k], findings[2][k], findings[4][k]
          first = first or messages[n]
        end
      end
    end
  end
  return { results = results, message = first, messages = messages, states = states }
end

--- The one word for all rows that do not pass; if they differ, the word of each row.
local function group_word(results)
  local found = "pass"
  for _, word in ipairs(results) do
    if word ~= "pass" then
      if found ~= "pass" and found ~= word then return table.concat(results, ", ") end
      found = word
    end
  end
  return found
end

--- nil, or how that differs: a test expects a list, or one word for all rows that do not pass.
local function group_difference(test, result)
  local expect = test.expect
  if result.what then return result.what ~= expect and "got " .. described(result) or nil end
  local got = table.concat(result.results, ", ")
  if type(expect) == "table" then
    local wanted = table.concat(expect, ", ")
    if got ~= wanted then return ("expected %s, got %s"):format(wanted, got) end
  else
    if group_word(result.results) ~= expect then return ("expected %s, got %s"):format(tostring(expect), got) end
  end
  if test.message ~= nil and test.message ~= result.message then
    return ("expected the message '%s', got '%s'"):format(test.message, result.message or "")
  end
  return nil
end

--- Why the case cannot be judged: a parameter that a table gives by org and period has no value.
local function missing_param(spec)
  for param, file in next, spec.rules[1].tables do
    if spec.rules[1].params[param] == nil then
      return ("%s comes from %s; give the test a value: params = { %s = ... }")
        :format(param, file, param)
    end
  end
  return nil
end

--- `spec` as for row_set.make, with one rule, plus case = {given=, params=, expect=, message=} as
--- rules/rule_test_judge.cpp left it. Gives {passed=, message=}.
function rule_tests.run(spec, rules)
  local test = spec.case
  spec.rules[1].params = type(test.params) == "table" and test.params or {}
  local missing = missing_param(spec)
  if missing then return { passed = false, message = missing } end
  if spec.kind == "group" then
    local problem = group_difference(test, group_results(spec, rules, test.given))
    return { passed = problem == nil, message = problem or "" }
  end
  local set = row_set.make(spec, rules)
  local result
  if fill(set, spec, test.given) then
    result = outcome(set, spec)
  else
    result = { what = "not_applicable" }
  end
  local problem = difference(spec, test, result)
  return { passed = problem == nil, message = problem or "" }
end

--- The pieces for lua/engine/exam.lua.
rule_tests.fill, rule_tests.outcome, rule_tests.described = fill, outcome, described
rule_tests.group_results, rule_tests.group_word = group_results, group_word
rule_tests.missing_param = missing_param

return rule_tests
