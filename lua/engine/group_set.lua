--- A group rule over the rows of one key: its function, and where its findings go. The rows come
--- from rules/group_evaluator.cpp, a list of tables with the shape given here.
local describe = require "engine.describe"
local outputs = require "engine.outputs"
local row_shape = require "engine.row_shape"

local group_set = {}

--- `spec`: see RulePlan::batch_spec(), of one rule. {run=function(rows), row_shape=, params=, findings=};
--- findings holds lists of places in the group, states, codes and messages, [0] is their number;
--- parameters of tables are put into params before each group.
--- `watch(params)`, if given, makes what the rule sees of its parameters.
function group_set.make(spec, rules, watch)
  local columns = {}
  for _, column in ipairs(spec.columns) do
    if not column.feeds then columns[column.name] = column end
  end
  local rule = spec.rules[1]
  local loaded = rules[rule.name]
  local check = loaded.fields[spec["function"]]
  local params = describe.params(loaded.fields.params)
  for name, value in next, rule.params do params[name] = value end
  local take, findings = outputs.group_take(rule, params, columns)
  local shown = watch and watch(params) or params
  return {
    run = function(rows) take(rows, check(rows, shown)) end,
    row_shape = row_shape(columns),
    params = params,
    findings = findings,
  }
end

return group_set
