--- Turns what a rule file returned into plain data, which rules/rule_file.cpp judges.
local kinds = require "tallymill.kinds"

local describe = {}

--- A copy without functions (they become their line) and without cycles.
local function plain(value, depth)
  local kind = type(value)
  if kind == "function" then
    return { ["$function"] = debug.getinfo(value, "S").linedefined }
  end
  if kind ~= "table" then return value end
  if depth > 8 then return "..." end
  local copy = {}
  for key, item in next, value do
    if type(key) == "string" or type(key) == "number" then copy[key] = plain(item, depth + 1) end
  end
  return copy
end

--- Stands where a parameter's value comes from a table: it is there before the first row is.
local PLACEHOLDERS = { text = "", boolean = false }

local function value_of(param)
  if param.default ~= nil or not param.table then return param.default end
  local placeholder = PLACEHOLDERS[param.type]
  if placeholder == nil then return 0 end
  return placeholder
end

--- Default values by name, t.param unwrapped.
function describe.params(params)
  local values = {}
  if type(params) == "table" then
    for name, value in next, params do
      if kinds.is_param(value) then value = value_of(value) end
      values[name] = value
    end
  end
  return values
end

--- {kind=, fields=, param_types=, param_tables=} or {got=} if the file did not return a rule.
function describe.rule(value)
  if not kinds.is_rule(value) then return { got = type(value) } end
  local fields, types, tables = {}, {}, {}
  for name, field in next, value.fields do
    if type(name) == "string" and name ~= "params" then fields[name] = plain(field, 1) end
    if type(name) ~= "string" then fields["[" .. tostring(name) .. "]"] = plain(field, 1) end
  end
  local params = value.fields.params
  if type(params) == "table" then
    for name, param in next, params do
      if kinds.is_param(param) then
        types[name] = param.type
        if param.table then
          tables[name] = {
            table = param.table, by = param.by, column = param.column,
            has_default = param.default ~= nil,
          }
        end
      end
    end
    fields.params = plain(describe.params(params), 1)
  elseif params ~= nil then
    fields.params = type(params)
  end
  return { kind = value.kind, fields = fields, param_types = types, param_tables = tables }
end

return describe
