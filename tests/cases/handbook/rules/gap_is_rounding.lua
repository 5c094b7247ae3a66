local t = require "tallymill"

return t.match_rule {
  name = "gap_is_rounding",
  doc = "A difference of at most one fen for each row that was added up is none.",
  needs = { difference = "money", right_rows = "integer" },
  labels = { "rounding" },
  match = function(row)
    if math.abs(row.difference) <= t.times(t.money "0.01", row.right_rows) then return "rounding" end
  end,
  tests = {
    { given = { difference = t.money "-0.03", right_rows = 3 }, expect = "rounding" },
    { given = { difference = t.money "0.03", right_rows = 2 }, expect = "nothing" },
  },
}
