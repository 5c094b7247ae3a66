--- The library of rule authors: `local t = require "tallymill"`. Pages: docs/rules/.
local kinds = require "tallymill.kinds"
local literals = require "tallymill.literals"
local numbers = require "tallymill.numbers"
local texts = require "tallymill.texts"
local verdicts = require "tallymill.verdicts"

return {
  check_rule = kinds.check_rule,
  transform_rule = kinds.transform_rule,
  classify_rule = kinds.classify_rule,
  driver_rule = kinds.driver_rule,
  threshold_rule = kinds.threshold_rule,
  param = kinds.param,

  money = literals.money,
  decimal = literals.decimal,
  percent = literals.percent,
  ratio = literals.ratio,
  date = literals.date,
  timestamp = literals.timestamp,
  period = literals.period,

  fail = verdicts.fail,
  warn = verdicts.warn,
  not_applicable = verdicts.not_applicable,
  band = verdicts.band,

  round = numbers.round,
  share = numbers.share,
  random = numbers.random,

  year = literals.year,
  month = literals.month,
  day = literals.day,
  money_text = texts.money_text,
  decimal_text = texts.decimal_text,
  percent_text = texts.percent_text,
  date_text = texts.date_text,
}
