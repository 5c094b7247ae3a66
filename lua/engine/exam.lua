--- Observes the conditions of a rule whose source rules/rule_code.cpp has instrumented: tm_compare
--- and tm_seen stand around them and give back what they are.
local row_set = require "engine.row_set"
local rule_tests = require "engine.rule_tests"

local exam = {}

--- Steps a trace keeps; a rule that loops has more.
local MOST_STEPS = 1000

--- Told of every condition that is met: {number, outcome, left, right}; false: nobody listens.
local listener = false

local COMPARISONS = {
  ["<"] = function(a, b) return a < b end,
  ["<="] = function(a, b) return a <= b end,
  [">"] = function(a, b) return a > b end,
  [">="] = function(a, b) return a >= b end,
  ["=="] = function(a, b) return a == b end,
  ["~="] = function(a, b) return a ~= b end,
}

--- By number, as the spec says; set before the rule runs.
local operators = {}

local function seen(number, value)
  if listener then listener(number, not not value, value, nil) end
  return value
end

local function compare(number, left, right)
  local ok, result = pcall(COMPARISONS[operators[number] or "=="], left, right)
  if not ok then error((tostring(result):gsub("^[^:]*:%d+: ", "")), 2) end
  if listener then listener(number, result, left, right) end
  return result
end

function exam.observe(environment, allowed)
  rawset(environment, "tm_seen", seen)
  rawset(environment, "tm_compare", compare)
  allowed.tm_seen, allowed.tm_compare = true, true
end

--- What a group rule said of one row of its group, the `place`-th given; without it of all of them.
local function of_row(result, place)
  if result.what then return result end
  if not place then
    return { what = rule_tests.group_word(result.results), message = result.message }
  end
  return {
    what = result.results[place], message = result.messages[place], state = result.states[place],
  }
end

--- Calls `ask(...)` while `listen` hears of conditions.
local function heard(listen, ask, ...)
  listener = listen
  local ok, result = pcall(ask, ...)
  listener = false
  if not ok then error(result, 0) end
  return result
end

--- Evaluates the case of `spec` while `listen` hears of conditions; gives what the rule said.
local function evaluate(spec, rules, listen, watch_params)
  local test = spec.case
  operators = {}
  for _, condition in ipairs(spec.conditions) do operators[condition.number] = condition.op end
  spec.rules[1].params = type(test.params) == "table" and test.params or {}
  local missing = rule_tests.missing_param(spec)
  local no_value = missing and { what = "error", message = missing }
  if spec.kind == "group" then
    if no_value then return no_value end
    local result = heard(listen, rule_tests.group_results, spec, rules, test.given, watch_params)
    return of_row(result, test.place)
  end
  local set = row_set.make(spec, rules)
  if watch_params then set.params[1] = watch_params(set.params[1]) end
  if not rule_tests.fill(set, spec, test.given) then return { what = "not_applicable" } end
  if no_value then return no_value end
  return heard(listen, rule_tests.outcome, set, spec)
end

--- How often each condition was true and false: { {number=, yes=, no=}... }.
function exam.count(spec, rules)
  local counts = {}
  for _, condition in ipairs(spec.conditions) do
    counts[condition.number] = { number = condition.number, yes = 0, no = 0 }
  end
  evaluate(spec, rules, function(number, outcome)
    local count = counts[number]
    if outcome then count.yes = count.yes + 1 else count.no = count.no + 1 end
  end)
  local list = {}
  for _, condition in ipairs(spec.conditions) do list[#list + 1] = counts[condition.number] end
  return { counts = list }
end

--- A value that can leave Lua: {kind=, value=}.
local function plain(value)
  local kind = type(value)
  if kind == "number" and value ~= value then return { kind = "number", value = "nan" } end
  if kind == "number" or kind == "string" or kind == "boolean" then
    return { kind = kind, value = value }
  end
  return { kind = kind }
end

--- The parameters, and the set of names that are read from them.
local function watched(params)
  local read = {}
  local proxy = setmetatable({}, {
    __index = function(_, name)
      if params[name] ~= nil then read[name] = plain(params[name]) end
      return params[name]
    end,
    __newindex = function() error("a rule may not change its parameters", 2) end,
    __metatable = false,
  })
  return proxy, read
end

--- The path of one case: {steps={ {number=, outcome=, left=, right=}... }, more=, params=, what=,
--- message=, values=}.
function exam.trace(spec, rules)
  local steps, more, read = {}, 0, {}
  local result = evaluate(spec, rules, function(number, outcome, left, right)
    if #steps == MOST_STEPS then
      more = more + 1
      return
    end
    steps[#steps + 1] =
      { number = number, outcome = outcome, left = plain(left), right = plain(right) }
  end, function(params)
    local proxy
    proxy, read = watched(params)
    return proxy
  end)
  return {
    steps = steps, more = more, params = read, what = result.what or "set", state = result.state,
    message = result.message, values = result.values or {}, text = rule_tests.described(result),
  }
end

return exam
