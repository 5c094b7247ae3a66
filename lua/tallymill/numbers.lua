--- Rounding and splitting of whole amounts. The exact arithmetic is 128-bit, in rules/rule_math.cpp.
local host = require "engine.host"

local numbers = {}

local MODES = { half_up = 0, half_even = 1, down = 2, up = 3, floor = 4, ceiling = 5 }
local MODE_NAMES = "half_up, half_even, down, up, floor or ceiling"

local function mode_number(mode, caller)
  local number = MODES[mode or "half_up"]
  if not number then
    error(("%s: unknown rounding mode '%s'; one of %s"):format(caller, tostring(mode), MODE_NAMES), 3)
  end
  return number
end

local function is_whole(x)
  return type(x) == "number" and x == math.floor(x) and x <= 2 ^ 53 and x >= -2 ^ 53
end

--- `t.round(x [, mode])`: the whole number nearest to `x`; half_up (away from zero) if not said.
--- It rounds the binary number it is given: for exact ties of an amount use t.share.
function numbers.round(x, mode)
  if type(x) ~= "number" or x ~= x or x > 2 ^ 53 or x < -2 ^ 53 then
    error("t.round: expected a number within 2^53, got " .. tostring(x), 2)
  end
  return host.round(x, mode_number(mode, "t.round"))
end

--- `t.share(amount, part, whole [, mode])`: amount * part / whole, exact, then rounded to a whole
--- unit. `t.share(amount, ratio)` takes a ratio, exact to its nine digits.
function numbers.share(amount, part, whole, mode)
  if whole == nil then
    if type(part) ~= "number" or not (part < 9e6 and part > -9e6) then
      error("t.share: expected a ratio, got " .. tostring(part), 2)
    end
    part, whole = host.round(part * 1e9, 1), 1e9
  end
  if not (is_whole(amount) and is_whole(part) and is_whole(whole)) then
    error("t.share: amount, part and whole must be whole numbers (money, integer or decimal)", 2)
  end
  if whole == 0 then error("t.share: the whole is zero", 2) end
  local result = host.share(amount, part, whole, mode_number(mode, "t.share"))
  if result ~= result then error("t.share: the result is beyond 2^53 units", 2) end
  return result
end

--- `t.random(key)`: a number in [0, 1) that depends on the key alone, so a rerun gives the same.
function numbers.random(key)
  if type(key) == "number" then key = ("%.17g"):format(key) end
  if type(key) ~= "string" then
    error("t.random takes the key of the row, a text or a number, got " .. type(key), 2)
  end
  return host.random(key, #key)
end

return numbers
