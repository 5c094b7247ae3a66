--- Typed literals. Each reads a text strictly and gives the number a column of that type arrives as,
--- so that `row.gift > t.money "30.00"` compares like with like.
local config = require "engine.config"
local remember = require "engine.remember"

local literals = {}

local MAX_EXACT = 2 ^ 53

--- "12.30" at scale 2 -> 1230, or nil and why not. Whole numbers up to 2^53, never a rounded one.
local function scaled(text, scale)
  if type(text) ~= "string" then
    return nil, "expected a text such as \"12.30\", got " .. type(text)
  end
  local sign, whole, fraction = text:match "^(%-?)(%d+)%.?(%d*)$"
  if not whole or (fraction == "" and text:find(".", 1, true)) then
    return nil, "'" .. text .. "' is not a plain decimal number"
  end
  if #fraction > scale then
    return nil, ("'%s' has %d fraction digits, the type has %d"):format(text, #fraction, scale)
  end
  local digits = (whole .. fraction .. ("0"):rep(scale - #fraction)):gsub("^0+(%d)", "%1")
  local value = tonumber(digits)
  if #digits > 16 or value > MAX_EXACT then
    return nil, "'" .. text .. "' is too large for a rule (2^53 units)"
  end
  if sign == "-" and value ~= 0 then value = -value end
  return value
end
literals.scaled = scaled

local memory = remember.memory

local money_of, percent_of, ratio_of = memory(), memory(), memory()
local date_of, timestamp_of = memory(), memory()
local decimal_of = {}  -- by scale
for scale = 0, 15 do decimal_of[scale] = memory() end

--- `t.money "30.00"`: whole minor units of the workspace's currency.
---@param text string
---@return integer
function literals.money(text)
  local known = money_of.values[text]
  if known then return known end
  local value, problem = scaled(text, config.scale)
  if not value then error("t.money: " .. problem, 2) end
  return remember.keep(money_of, text, value)
end

--- `t.decimal("0.1250", 4)`: the scaled integer a decimal(p,4) column arrives as.
---@param text string
---@param scale integer digits behind the point, those of the column
---@return integer
function literals.decimal(text, scale)
  local of_scale = decimal_of[scale]
  local known = of_scale and of_scale.values[text]
  if known then return known end
  if type(scale) ~= "number" or scale ~= math.floor(scale) or scale < 0 or scale > 15 then
    error("t.decimal: give the scale of the column, as in t.decimal(\"0.1250\", 4); for a ratio write t.ratio", 2)
  end
  local value, problem = scaled(text, scale)
  if not value then error("t.decimal: " .. problem, 2) end
  return remember.keep(decimal_of[scale], text, value)
end

--- `t.percent "5"`: the ratio 0.05, equal to what a ratio column holding 0.05 arrives as.
---@param text string
---@return number
function literals.percent(text)
  local known = percent_of.values[text]
  if known then return known end
  local value, problem = scaled(text, 7)  -- a ratio has nine digits, a percent two fewer
  if not value then error("t.percent: " .. problem, 2) end
  return remember.keep(percent_of, text, value / 1e9)
end

--- `t.ratio "9.5"`: the number a ratio column holding 9.5 arrives as.
---@param text string
---@return number
function literals.ratio(text)
  local known = ratio_of.values[text]
  if known then return known end
  local value, problem = scaled(text, 9)
  if not value then error("t.ratio: " .. problem, 2) end
  return remember.keep(ratio_of, text, value / 1e9)
end

--- Days since 1970-01-01 of a civil date (proleptic Gregorian; Howard Hinnant's algorithm).
local function days_from_civil(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local year_of_era = year - era * 400
  local day_of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local day_of_era = year_of_era * 365 + math.floor(year_of_era / 4) - math.floor(year_of_era / 100)
    + day_of_year
  return era * 146097 + day_of_era - 719468
end

literals.days_from_civil = days_from_civil

local function civil_from_days(days)
  days = days + 719468
  local era = math.floor(days / 146097)
  local day_of_era = days - era * 146097
  local year_of_era = math.floor((day_of_era - math.floor(day_of_era / 1460)
    + math.floor(day_of_era / 36524) - math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era
    - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local shifted = math.floor((5 * day_of_year + 2) / 153)
  local month = shifted < 10 and shifted + 3 or shifted - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return year, month, day_of_year - math.floor((153 * shifted + 2) / 5) + 1
end
literals.civil_from_days = civil_from_days

local function read_date(text)
  local year, month, day
  if type(text) == "string" then
    year, month, day = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  end
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month < 1 or month > 12 or day < 1 then return nil end
  local days = days_from_civil(year, month, day)
  local same_year, same_month, same_day = civil_from_days(days)
  if same_year ~= year or same_month ~= month or same_day ~= day then return nil end
  return days
end
literals.read_date = read_date

--- `t.date "2026-01-31"`: the day number a date column arrives as; differences are days.
---@param text string
---@return integer
function literals.date(text)
  local known = date_of.values[text]
  if known then return known end
  local days = read_date(text)
  if not days then
    error(("t.date: expected an existing day as YYYY-MM-DD, got '%s'"):format(tostring(text)), 2)
  end
  return remember.keep(date_of, text, days)
end

--- `t.timestamp "2026-01-31T08:05:00Z"`: microseconds since 1970, as a timestamp column arrives.
---@param text string
---@return integer
function literals.timestamp(text)
  local known = timestamp_of.values[text]
  if known then return known end
  local date, hour, minute, second
  if type(text) == "string" then
    date, hour, minute, second = text:match "^(%d%d%d%d%-%d%d%-%d%d)[T ](%d%d):(%d%d):(%d%d)Z?$"
  end
  local days = date and read_date(date)
  if not days or tonumber(hour) > 23 or tonumber(minute) > 59 or tonumber(second) > 59 then
    error(("t.timestamp: expected YYYY-MM-DDTHH:MM:SSZ, got '%s'"):format(tostring(text)), 2)
  end
  return remember.keep(timestamp_of, text,
    (days * 86400 + hour * 3600 + minute * 60 + second) * 1000000)
end

return literals
