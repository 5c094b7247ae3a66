--- Constructors of rules. They only mark the table; rules/rule_file.cpp judges it, so that every
--- problem of a file is reported at once and with its place.
local kinds = {}

local Rule = {}
local Param = {}

--- The key of the rule's function, by kind; the same list stands in rules/rule_file.cpp.
local FUNCTIONS = {
  check = "check", transform = "transform", classify = "classify", driver = "driver",
  threshold = "band", score = "score", match = "match", ["break"] = "cause",
  group = "check",
}

for kind, function_key in next, FUNCTIONS do
  ---@param fields table see docs/rules
  ---@return table
  kinds[kind .. "_rule"] = function(fields)
    if type(fields) ~= "table" then
      error(("t.%s_rule takes one table: t.%s_rule { name = ..., ... }"):format(kind, kind), 2)
    end
    return { [Rule] = true, kind = kind, ["function"] = function_key, fields = fields }
  end
end

--- A parameter whose type cannot be seen from a literal:
--- `t.param { type = "money", default = t.money "0.50", doc = "What the audit tolerates." }`,
--- or whose value stands in a parameter table, by the org of the row and the period of the run:
--- `t.param { type = "money", table = "high_value", by = "org_code" }`.
function kinds.param(fields)
  if type(fields) ~= "table" or type(fields.type) ~= "string"
    or (fields.default == nil and fields.table == nil) then
    error("t.param takes a table with type and default, or type, table and by: "
      .. "t.param { type = \"money\", default = ... }", 2)
  end
  if fields.table ~= nil and (type(fields.table) ~= "string" or type(fields.by) ~= "string") then
    error("t.param with a table takes its name and the column of the org: "
      .. "t.param { type = \"money\", table = \"high_value\", by = \"org_code\" }", 2)
  end
  return {
    [Param] = true, type = fields.type, default = fields.default, doc = fields.doc,
    table = fields.table, by = fields.by, column = fields.column,
  }
end

function kinds.is_rule(value)
  return type(value) == "table" and rawget(value, Rule) == true
end

function kinds.is_param(value)
  return type(value) == "table" and rawget(value, Param) == true
end

return kinds
