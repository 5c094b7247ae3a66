--- Periods as graphs have them: 2026, 2026-Q1, 2026-01, 2026-W05 (ISO), 2026-01-31.
local remember = require "engine.remember"
local dates = require "tallymill.dates"
local freeze = require "tallymill.freeze"
local literals = require "tallymill.literals"

local periods = {}

local civil_from_days, days_from_civil = literals.civil_from_days, literals.days_from_civil
local floor, format = math.floor, string.format

---@class tallymill.Period
---@field text string "2026-01"
---@field kind "year"|"quarter"|"month"|"week"|"day"
---@field first_day integer
---@field last_day integer
---@field days integer how many it has
---@field contains fun(date: integer): boolean
---@field add fun(count: integer): tallymill.Period the period so many later, or earlier

--- The ISO week of a day: its year and number.
local function iso_week(date)
  local thursday = date - (date + 3) % 7 + 3
  local year = civil_from_days(thursday)
  return year, floor((thursday - days_from_civil(year, 1, 1)) / 7) + 1
end

--- By kind: the first day of the period a day lies in, the first day of the period `count` later
--- than the one that begins at `first`, and its text.
local KINDS = {
  year = {
    first = function(date) return days_from_civil(dates.year(date), 1, 1) end,
    later = function(first, count) return days_from_civil(dates.year(first) + count, 1, 1) end,
    text = function(first) return format("%04d", dates.year(first)) end,
  },
  quarter = {
    first = function(date)
      return days_from_civil(dates.year(date), dates.quarter(date) * 3 - 2, 1)
    end,
    later = function(first, count) return dates.add_months(first, 3 * count) end,
    text = function(first) return format("%04d-Q%d", dates.year(first), dates.quarter(first)) end,
  },
  month = {
    first = dates.first_of_month,
    later = dates.add_months,
    text = function(first) return format("%04d-%02d", dates.year(first), dates.month(first)) end,
  },
  week = {
    first = function(date) return date - (date + 3) % 7 end,
    later = function(first, count) return first + 7 * count end,
    text = function(first) return format("%04d-W%02d", iso_week(first)) end,
  },
  day = {
    first = function(date) return date end,
    later = function(first, count) return first + count end,
    text = function(first) return format("%04d-%02d-%02d", civil_from_days(first)) end,
  },
}

--- By kind, then by first day. Made once: a table with functions costs more than a row may.
local known, known_count = {}, 0

local function period_at(kind, first)
  local of_kind = known[kind]
  local period = of_kind and of_kind[first]
  if period then return period end
  local rules = KINDS[kind]
  local last = rules.later(first, 1) - 1
  period = freeze({
    text = rules.text(first),
    kind = kind,
    first_day = first,
    last_day = last,
    days = last - first + 1,
    contains = function(date) return first <= date and date <= last end,
    add = function(count) return period_at(kind, rules.later(first, count)) end,
  }, "a period")
  if known_count >= 4000 then known, known_count = {}, 0 end
  if not known[kind] then known[kind] = {} end
  known[kind][first], known_count = period, known_count + 1
  return period
end

--- Kind and first day of a literal, or nil.
local function parse(text)
  local year, rest = text:match "^(%d%d%d%d)(.*)$"
  if not year then return nil end
  year = tonumber(year)
  if rest == "" then return "year", days_from_civil(year, 1, 1) end
  local quarter = rest:match "^%-Q([1-4])$"
  if quarter then return "quarter", days_from_civil(year, quarter * 3 - 2, 1) end
  local week = tonumber(rest:match "^%-W(%d%d)$")
  if week then
    local fourth = days_from_civil(year, 1, 4)  -- always lies in week 1
    local first = fourth - (fourth + 3) % 7 + (week - 1) * 7
    if week < 1 or (iso_week(first)) ~= year then return nil end
    return "week", first
  end
  local month = tonumber(rest:match "^%-(%d%d)$")
  if month then
    if month < 1 or month > 12 then return nil end
    return "month", days_from_civil(year, month, 1)
  end
  local day = literals.read_date(text)
  if day then return "day", day end
  return nil
end

local period_of_text = remember.memory()

--- A period from its text: 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31.
---@param text string
---@return tallymill.Period
function periods.period(text)
  local period = period_of_text.values[text]
  if period then return period end
  local kind, first
  if type(text) == "string" then kind, first = parse(text) end
  if not kind then
    error(("t.period: expected 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31, got '%s'")
      :format(tostring(text)), 2)
  end
  return remember.keep(period_of_text, text, period_at(kind, first))
end

--- The period of a kind that a day lies in.
---@param date integer
---@param kind "year"|"quarter"|"month"|"week"|"day"
---@return tallymill.Period
function periods.period_of(date, kind)
  local rules = KINDS[kind]
  if not rules then
    error(("t.period_of: expected year, quarter, month, week or day, got '%s'")
      :format(tostring(kind)), 2)
  end
  return period_at(kind, rules.first(date))
end

return periods
