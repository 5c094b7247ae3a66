--- The library of rule authors: `local t = require "tallymill"`. Pages: docs/rules/.
local characters = require "tallymill.characters"
local dates = require "tallymill.dates"
local kinds = require "tallymill.kinds"
local literals = require "tallymill.literals"
local lookups = require "tallymill.lookups"
local numbers = require "tallymill.numbers"
local periods = require "tallymill.periods"
local similarity = require "tallymill.similarity"
local texts = require "tallymill.texts"
local verdicts = require "tallymill.verdicts"
local workdays = require "tallymill.workdays"

return {
  check_rule = kinds.check_rule,
  transform_rule = kinds.transform_rule,
  classify_rule = kinds.classify_rule,
  driver_rule = kinds.driver_rule,
  threshold_rule = kinds.threshold_rule,
  group_rule = kinds.group_rule,
  score_rule = kinds.score_rule,
  match_rule = kinds.match_rule,
  break_rule = kinds.break_rule,
  param = kinds.param,

  money = literals.money,
  decimal = literals.decimal,
  percent = literals.percent,
  ratio = literals.ratio,
  date = literals.date,
  timestamp = literals.timestamp,
  period = periods.period,

  fail = verdicts.fail,
  warn = verdicts.warn,
  not_applicable = verdicts.not_applicable,
  band = verdicts.band,

  round = numbers.round,
  share = numbers.share,
  ratio_of = numbers.ratio_of,
  sum = numbers.sum,
  times = numbers.times,
  round_to = numbers.round_to,
  clamp = numbers.clamp,
  split = numbers.split,
  random = numbers.random,

  bands = lookups.bands,
  lookup = lookups.lookup,

  year = dates.year,
  month = dates.month,
  day = dates.day,
  quarter = dates.quarter,
  weekday = dates.weekday,
  make_date = dates.make_date,
  first_of_month = dates.first_of_month,
  last_of_month = dates.last_of_month,
  add_months = dates.add_months,
  months_between = dates.months_between,
  date_of = dates.date_of,
  period_of = periods.period_of,
  calendar = workdays.calendar,

  len = characters.len,
  sub = characters.sub,
  chars = characters.chars,
  upper = characters.upper,
  lower = characters.lower,
  half_width = characters.half_width,
  trim = characters.trim,
  squeeze = characters.squeeze,
  starts_with = characters.starts_with,
  ends_with = characters.ends_with,
  contains = characters.contains,
  similarity = similarity.similarity,
  edit_distance = similarity.edit_distance,
  edit_ratio = similarity.edit_ratio,

  fill = texts.fill,
  money_text = texts.money_text,
  decimal_text = texts.decimal_text,
  percent_text = texts.percent_text,
  ratio_text = texts.ratio_text,
  date_text = texts.date_text,
  timestamp_text = texts.timestamp_text,
}
