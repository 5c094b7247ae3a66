--- Work days of a calendar. The calendar is data that a rule is given or writes down, so that the
--- rule stays a function of what it is given; the semantics are those of core/time/calendar.h.
local dates = require "tallymill.dates"
local freeze = require "tallymill.freeze"
local literals = require "tallymill.literals"

local workdays = {}

---@class tallymill.CalendarData
---@field years integer[] years it knows; asking for another one raises
---@field holidays? string[] days off that are no weekend: "2026-01-01"
---@field workdays? string[] days of weekends that are worked after all
---@field weekend? integer[] days of the week, 1 is Monday; { 6, 7 } if not said

---@class tallymill.Calendar
---@field is_workday fun(date: integer): boolean
---@field roll_forward fun(date: integer): integer the day itself if it is worked, else the next that is
---@field roll_back fun(date: integer): integer the day itself if it is worked, else the last that was
---@field add_workdays fun(date: integer, count: integer): integer the count-th work day after it, or before
---@field workdays_between fun(from: integer, to: integer): integer those after `from` up to `to`
---@field nth_workday fun(period: tallymill.Period, n: integer): integer? of the period, from its end if negative

local function read_days(list, what)
  local days = {}
  for i, text in ipairs(list or {}) do
    local day = literals.read_date(text)
    if not day then
      error(("t.calendar: %s[%d] must be a day as YYYY-MM-DD, got '%s'"):format(what, i,
        tostring(text)), 3)
    end
    days[day] = true
  end
  return days
end

--- A calendar from its data.
---@param data tallymill.CalendarData
---@return tallymill.Calendar
function workdays.calendar(data)
  if type(data) ~= "table" or type(data.years) ~= "table" or #data.years == 0 then
    error("t.calendar: expected a table such as { years = { 2026 }, holidays = { \"2026-01-01\" } }", 2)
  end
  local holidays, worked = read_days(data.holidays, "holidays"), read_days(data.workdays, "workdays")
  local years, weekend = {}, {}
  for _, year in ipairs(data.years) do years[year] = true end
  for _, weekday in ipairs(data.weekend or { 6, 7 }) do weekend[weekday] = true end

  local function is_workday(date)
    local year = dates.year(date)
    if not years[year] then error(("the calendar has no data for the year %d"):format(year), 0) end
    if worked[date] then return true end
    return not (holidays[date] or weekend[dates.weekday(date)])
  end

  local function nearest(date, step)
    while not is_workday(date) do date = date + step end
    return date
  end

  local function workdays_between(from, to)
    if to < from then return -workdays_between(to, from) end
    local count = 0
    for date = from + 1, to do
      if is_workday(date) then count = count + 1 end
    end
    return count
  end

  local function add_workdays(date, count)
    local step = count < 0 and -1 or 1
    for _ = 1, count * step do date = nearest(date + step, step) end
    return date
  end

  local function nth_workday(period, n)
    local from, to, step = period.first_day, period.last_day, 1
    if n < 0 then from, to, step = to, from, -1 end
    local left = n * step
    for date = from, to, step do
      if is_workday(date) then
        left = left - 1
        if left == 0 then return date end
      end
    end
    return nil
  end

  return freeze({
    is_workday = is_workday,
    roll_forward = function(date) return nearest(date, 1) end,
    roll_back = function(date) return nearest(date, -1) end,
    add_workdays = add_workdays,
    workdays_between = workdays_between,
    nth_workday = nth_workday,
  }, "a calendar")
end

return workdays
