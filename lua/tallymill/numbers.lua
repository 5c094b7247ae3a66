--- Whole amounts: rounding, splitting, sums and products that are exact or raise. The exact
--- arithmetic is 128-bit, in rules/rule_math.cpp.
local host = require "engine.host"

local numbers = {}

---@alias tallymill.Rounding "half_up"|"half_even"|"down"|"up"|"floor"|"ceiling"

local MODES = { half_up = 0, half_even = 1, down = 2, up = 3, floor = 4, ceiling = 5 }
local MODE_NAMES = "half_up, half_even, down, up, floor or ceiling"
local MAX_EXACT = 2 ^ 53
local RATIO_UNITS = 1e9

local floor, select, sort, type = math.floor, select, table.sort, type

local function mode_number(mode, caller)
  local number = MODES[mode or "half_up"]
  if not number then
    error(("%s: unknown rounding mode '%s'; one of %s"):format(caller, tostring(mode), MODE_NAMES), 3)
  end
  return number
end

local function is_whole(x)
  return type(x) == "number" and x == floor(x) and x <= MAX_EXACT and x >= -MAX_EXACT
end

local function require_whole(caller, x)
  if not is_whole(x) then
    error(caller .. ": expected a whole number within 2^53 (money, integer or decimal), got "
      .. tostring(x), 3)
  end
end

--- A double below 2^53 is exact; whatever was rounded on the way is not below it any more.
local function require_exact(caller, x)
  if x >= MAX_EXACT or x <= -MAX_EXACT then error(caller .. ": the result is beyond 2^53 units", 3) end
  return x
end

--- The whole number nearest to `x`. It rounds the binary number it is given: for exact ties of an
--- amount use t.share.
---@param x number
---@param mode? tallymill.Rounding half_up (away from zero) if not said
---@return integer
function numbers.round(x, mode)
  if type(x) ~= "number" or x ~= x or x > MAX_EXACT or x < -MAX_EXACT then
    error("t.round: expected a number within 2^53, got " .. tostring(x), 2)
  end
  return host.round(x, mode_number(mode, "t.round"))
end

--- amount * part / whole, exact, then rounded to a whole unit. With a ratio alone,
--- `t.share(amount, t.percent "5")`, exact to the ratio's nine digits.
---@param amount integer money, an integer or a decimal's units
---@param part number a whole number, or a ratio where `whole` is not given
---@param whole? integer
---@param mode? tallymill.Rounding
---@return integer
function numbers.share(amount, part, whole, mode)
  if whole == nil then
    if type(part) ~= "number" or not (part < 9e6 and part > -9e6) then
      error("t.share: expected a ratio, got " .. tostring(part), 2)
    end
    part, whole = host.round(part * RATIO_UNITS, 1), RATIO_UNITS
  end
  if not (is_whole(amount) and is_whole(part) and is_whole(whole)) then
    error("t.share: amount, part and whole must be whole numbers (money, integer or decimal)", 2)
  end
  if whole == 0 then error("t.share: the whole is zero", 2) end
  local result = host.share(amount, part, whole, mode_number(mode, "t.share"))
  if result ~= result then error("t.share: the result is beyond 2^53 units", 2) end
  return result
end

--- part / whole as a ratio of nine digits, rounded from the exact quotient.
---@param part integer
---@param whole integer
---@param mode? tallymill.Rounding half_even if not said, as ratios of datasets are rounded
---@return number
function numbers.ratio_of(part, whole, mode)
  require_whole("t.ratio_of", part)
  require_whole("t.ratio_of", whole)
  if whole == 0 then error("t.ratio_of: the whole is zero", 2) end
  local result = host.share(part, RATIO_UNITS, whole, mode_number(mode or "half_even", "t.ratio_of"))
  if result ~= result then error("t.ratio_of: the ratio is beyond its nine digits", 2) end
  return result / RATIO_UNITS
end

--- The exact sum of whole numbers; raises beyond 2^53, where `+` would round without a word.
---@param a integer
---@param b integer
---@param ... integer
---@return integer
function numbers.sum(a, b, ...)
  require_whole("t.sum", a)
  require_whole("t.sum", b)
  local total = require_exact("t.sum", a + b)
  for i = 1, select("#", ...) do
    local x = select(i, ...)
    require_whole("t.sum", x)
    total = require_exact("t.sum", total + x)
  end
  return total
end

--- The exact product of an amount and a count; raises beyond 2^53.
---@param amount integer
---@param count integer
---@return integer
function numbers.times(amount, count)
  require_whole("t.times", amount)
  require_whole("t.times", count)
  return require_exact("t.times", amount * count)
end

--- The multiple of `step` nearest to `amount`: `t.round_to(row.amount, t.money "1.00", "down")`.
---@param amount integer
---@param step integer of the same unit, above zero
---@param mode? tallymill.Rounding
---@return integer
function numbers.round_to(amount, step, mode)
  require_whole("t.round_to", amount)
  require_whole("t.round_to", step)
  if step <= 0 then error("t.round_to: the step must be above zero", 2) end
  return require_exact("t.round_to",
    host.share(amount, 1, step, mode_number(mode, "t.round_to")) * step)
end

--- `x`, but not below `low` and not above `high`.
---@param x number
---@param low number
---@param high number
---@return number
function numbers.clamp(x, low, high)
  if low > high then error("t.clamp: the lower limit is above the upper one", 2) end
  if x < low then return low end
  if x > high then return high end
  return x
end

--- Parts of `amount` in proportion to `weights`, or so many equal ones. They add up to it exactly:
--- leftover units go to the largest remainders, of equal ones to the earlier part.
---@param amount integer may be negative
---@param weights integer[]|integer whole numbers, none below zero and not all zero; or a count
---@return integer[]
function numbers.split(amount, weights)
  require_whole("t.split", amount)
  if type(weights) == "number" then
    if not is_whole(weights) or weights < 1 or weights > 1e6 then
      error("t.split: expected a list of weights or a number of parts, got " .. tostring(weights), 2)
    end
    local equal = {}
    for i = 1, weights do equal[i] = 1 end
    weights = equal
  elseif type(weights) ~= "table" then
    error("t.split: expected a list of weights or a number of parts, got a " .. type(weights), 2)
  end
  local total = 0
  for i = 1, #weights do
    local weight = weights[i]
    require_whole("t.split", weight)
    if weight < 0 then error("t.split: a weight is below zero", 2) end
    total = require_exact("t.split", total + weight)
  end
  if total == 0 then error("t.split: the weights are all zero", 2) end
  local sign = amount < 0 and -1 or 1
  local size, left = amount * sign, amount * sign
  local parts, rests, order = {}, {}, {}
  for i = 1, #weights do
    parts[i] = host.share(size, weights[i], total, MODES.down)
    rests[i] = host.rest(size, weights[i], total)
    order[i] = i
    left = left - parts[i]
  end
  if left > 0 then
    sort(order, function(a, b)
      if rests[a] ~= rests[b] then return rests[a] > rests[b] end
      return a < b
    end)
    for i = 1, left do parts[order[i]] = parts[order[i]] + 1 end
  end
  for i = 1, #parts do parts[i] = parts[i] ~= 0 and parts[i] * sign or 0 end
  return parts
end

--- A number in [0, 1) that depends on the key alone, so a rerun gives the same.
---@param key string|number the key of the row
---@return number
function numbers.random(key)
  if type(key) == "number" then key = ("%.17g"):format(key) end
  if type(key) ~= "string" then
    error("t.random takes the key of the row, a text or a number, got " .. type(key), 2)
  end
  return host.random(key, #key)
end

return numbers
