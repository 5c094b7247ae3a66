--- Values as people read them, and message templates: "gift {gift} is over {declared}".
local config = require "engine.config"
local literals = require "tallymill.literals"

local texts = {}

local floor, format, rep, sub = math.floor, string.format, string.rep, string.sub
local MAX_EXACT = 2 ^ 53

--- 1230 at scale 2 -> "12.30".
---@param value integer
---@param scale integer
---@return string
function texts.decimal_text(value, scale)
  local digits = format("%.0f", value < 0 and -value or value)
  if scale > 0 then
    if #digits <= scale then digits = rep("0", scale + 1 - #digits) .. digits end
    digits = sub(digits, 1, #digits - scale) .. "." .. sub(digits, #digits - scale + 1)
  end
  return value < 0 and "-" .. digits or digits
end

--- 1230 -> "12.30".
---@param value integer
---@return string
function texts.money_text(value) return texts.decimal_text(value, config.scale) end

--- A day number -> "2026-01-31".
---@param days integer
---@return string
function texts.date_text(days) return format("%04d-%02d-%02d", literals.civil_from_days(days)) end

--- A ratio as it is stored: nine digits at most, no trailing zeros.
---@param value number
---@return string
local function ratio_text(value)
  local text = texts.decimal_text(floor(value * 1e9 + 0.5), 9):gsub("0+$", ""):gsub("%.$", "")
  return text
end

--- 0.0525 -> "5.25 %".
---@param ratio number
---@return string
function texts.percent_text(ratio) return ratio_text(ratio * 100) .. " %" end

--- Microseconds since 1970 -> "2026-01-31T08:05:00Z".
---@param micros integer
---@return string
local function timestamp_text(micros)
  local seconds = floor(micros / 1000000)
  local days = floor(seconds / 86400)
  local rest = seconds - days * 86400
  local fraction = micros - seconds * 1000000
  return texts.date_text(days)
    .. format("T%02d:%02d:%02d", floor(rest / 3600), floor(rest / 60) % 60, rest % 60)
    .. (fraction > 0 and format(".%06d", fraction) or "") .. "Z"
end

texts.timestamp_text = timestamp_text
texts.ratio_text = ratio_text

--- How a name with a type prints: {gift:money}, {rate:percent}.
local AS = {
  money = texts.money_text, percent = texts.percent_text, ratio = ratio_text,
  date = texts.date_text, timestamp = timestamp_text,
}

--- A value without a declared type.
local function plain_text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then
    if value == floor(value) and value <= MAX_EXACT and value >= -MAX_EXACT then
      return format("%.0f", value)
    end
    return format("%.14g", value)
  end
  if kind == "boolean" then return value and "true" or "false" end
  return value == nil and "null" or kind
end

--- `value` as its column's type prints it. `column` is {kind=, scale=, masked=} or nil.
function texts.value_text(value, column)
  if value == nil then return "null" end
  if not column then return plain_text(value) end
  if column.masked then return "***" end
  if type(value) ~= "number" then return plain_text(value) end
  local kind = column.kind
  if kind == "money" or kind == "decimal" then
    if value ~= floor(value) then return plain_text(value / 10 ^ column.scale) end
    return texts.decimal_text(value, column.scale)
  end
  if kind == "ratio" then return ratio_text(value) end
  if kind == "date" then return texts.date_text(value) end
  if kind == "timestamp" then return timestamp_text(value) end
  return plain_text(value)
end

--- Templates split into parts, three by three: literal text, name, type or false; the last one is
--- literal. Kept because a rule uses few templates and many rows.
local parsed, parsed_count = {}, 0

local function parse(template)
  local parts, from, at = {}, 1, 1
  while true do
    local first, last, name, as = template:find("{([%a_][%w_]*):?([%l]*)}", at)
    if not first then break end
    at = last + 1
    local is_plain = as == "" and template:sub(last - 1, last - 1) ~= ":"
    if is_plain or AS[as] then
      parts[#parts + 1] = template:sub(from, first - 1)
      parts[#parts + 1] = name
      parts[#parts + 1] = not is_plain and as
      from = at
    end
  end
  parts[#parts + 1] = template:sub(from)
  if parsed_count >= 1000 then parsed, parsed_count = {}, 0 end  -- templates made from data
  parsed[template], parsed_count = parts, parsed_count + 1
  return parts
end

--- `value` as a named type prints it; of another kind than a number, as itself.
local function typed_text(value, as)
  if type(value) ~= "number" then return plain_text(value) end
  return AS[as](value)
end

--- Fills `template`. Over a row, `shape` is {columns=, params=, param_types=} and names parameters
--- too; otherwise values print plainly. A name that stands for nothing stays as written: text in
--- braces is legal.
function texts.expand(template, values, shape)
  local parts = parsed[template] or parse(template)
  local result = parts[1]
  for i = 2, #parts, 3 do
    local name, as = parts[i], parts[i + 1]
    local text
    local column = shape and shape.columns[name]
    if column then
      text = (as and not column.masked) and typed_text(values[name], as)
        or texts.value_text(values[name], column)
    elseif shape then
      local value = shape.params[name]
      if value ~= nil then
        text = as and typed_text(value, as) or texts.value_text(value, shape.param_types[name])
      end
    elseif values[name] ~= nil then
      text = as and typed_text(values[name], as) or plain_text(values[name])
    end
    result = result .. (text or ("{" .. name .. (as and ":" .. as or "") .. "}")) .. parts[i + 2]
  end
  return result
end

--- A template with its names filled from a table: `{name}` prints plainly, `{gift:money}`,
--- `{rate:percent}`, `{rate:ratio}`, `{day:date}` and `{at:timestamp}` as their type does. A name
--- that the table does not have stays as written.
---@param template string
---@param values table<string, any>
---@return string
function texts.fill(template, values)
  if type(template) ~= "string" or type(values) ~= "table" then
    error("t.fill: expected a template and a table of values", 2)
  end
  return texts.expand(template, values)
end

return texts
