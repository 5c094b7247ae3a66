--- What check and threshold rules give back. The message is filled from `values` by the engine
--- right after the rule returned, while the row still stands.
local verdicts = {}

---@class tallymill.Verdict

local function verdict(state, code, message, values)
  if type(code) ~= "string" or code == "" then
    error(("t.%s: the code must be a text such as \"CC04\", got %s"):format(state, type(code)), 2)
  end
  if message ~= nil and type(message) ~= "string" then
    error(("t.%s: the message must be a text, got %s"):format(state, type(message)), 2)
  end
  if values ~= nil and type(values) ~= "table" then
    error(("t.%s: the values of the message must be the row or a table, got %s")
      :format(state, type(values)), 2)
  end
  return { verdict = state, code = code, message = message or "", values = values or false }
end

--- `return t.fail("CC04", "gift {gift} is over the declared {declared}", row)`
---@param code string
---@param message? string {name} stands for a column or parameter
---@param values? table the row, or a table of values
---@return tallymill.Verdict
function verdicts.fail(code, message, values) return verdict("fail", code, message, values) end

--- Like t.fail, of severity warn.
---@param code string
---@param message? string {name} stands for a column or parameter
---@param values? table the row, or a table of values
---@return tallymill.Verdict
function verdicts.warn(code, message, values) return verdict("warn", code, message, values) end

--- The rule does not concern this row; counted apart from passes.
---@param message? string
---@param values? table
---@return tallymill.Verdict
function verdicts.not_applicable(message, values)
  return verdict("not_applicable", "not_applicable", message, values)
end

--- `return t.band("red", "{ratio} of the lines are cancelled", row)`
---@param name string
---@param message? string
---@param values? table
---@return tallymill.Verdict
function verdicts.band(name, message, values) return verdict("band", name, message, values) end

return verdicts
