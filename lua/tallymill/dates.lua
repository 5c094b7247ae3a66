--- Days as numbers since 1970-01-01: their parts and what follows from months and weeks.
local literals = require "tallymill.literals"

local dates = {}

local civil_from_days, days_from_civil = literals.civil_from_days, literals.days_from_civil
local floor = math.floor
local DAY_MICROS = 86400 * 1000000

--- First day of the month `count` months after that of `year` and `month`.
local function month_start(year, month, count)
  local index = year * 12 + month - 1 + count
  return days_from_civil(floor(index / 12), index % 12 + 1, 1)
end
dates.month_start = month_start

--- The year of a day.
---@param date integer
---@return integer
function dates.year(date) return (civil_from_days(date)) end

--- The month of a day, 1 to 12.
---@param date integer
---@return integer
function dates.month(date)
  local _, month = civil_from_days(date)
  return month
end

--- The day of its month, 1 to 31.
---@param date integer
---@return integer
function dates.day(date)
  local _, _, day = civil_from_days(date)
  return day
end

--- The quarter of a day, 1 to 4.
---@param date integer
---@return integer
function dates.quarter(date)
  local _, month = civil_from_days(date)
  return floor((month + 2) / 3)
end

--- The day of the week: 1 is Monday, 7 is Sunday.
---@param date integer
---@return integer
function dates.weekday(date) return (date + 3) % 7 + 1 end

--- A day from its parts; raises if there is none.
---@param year integer
---@param month integer
---@param day integer
---@return integer
function dates.make_date(year, month, day)
  local days = days_from_civil(year, month, day)
  local same_year, same_month, same_day = civil_from_days(days)
  if same_year ~= year or same_month ~= month or same_day ~= day then
    error(("t.make_date: there is no day %s-%s-%s"):format(tostring(year), tostring(month),
      tostring(day)), 2)
  end
  return days
end

--- The first day of a day's month.
---@param date integer
---@return integer
function dates.first_of_month(date)
  local year, month = civil_from_days(date)
  return days_from_civil(year, month, 1)
end

--- The last day of a day's month.
---@param date integer
---@return integer
function dates.last_of_month(date)
  local year, month = civil_from_days(date)
  return month_start(year, month, 1) - 1
end

--- The same day of a later or earlier month; where that month is shorter, its last day.
---@param date integer
---@param count integer
---@return integer
function dates.add_months(date, count)
  local year, month, day = civil_from_days(date)
  local first = month_start(year, month, count)
  local last = month_start(year, month, count + 1) - 1
  local same = first + day - 1
  return same < last and same or last
end

--- Whole months from one day to another, negative backwards: 31 January to 28 February is one.
---@param from integer
---@param to integer
---@return integer
function dates.months_between(from, to)
  if to < from then return -dates.months_between(to, from) end
  local year, month = civil_from_days(from)
  local to_year, to_month = civil_from_days(to)
  local count = (to_year - year) * 12 + to_month - month
  return dates.add_months(from, count) <= to and count or count - 1
end

--- The day a timestamp lies in, in the zone so many hours east of UTC.
---@param timestamp integer
---@param hours_east? number 0 if not said
---@return integer
function dates.date_of(timestamp, hours_east)
  return floor((timestamp + (hours_east or 0) * 3600 * 1000000) / DAY_MICROS)
end

return dates
