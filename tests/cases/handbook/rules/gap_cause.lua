local t = require "tallymill"

return t.break_rule {
  name = "gap_cause",
  doc = "Why the ledger and the payments differ.",
  needs = { class = "text", difference = "money?", left_rows = "integer" },
  causes = { "missing", "rounding", "twice", "unknown" },
  cause = function(row)
    if row.class ~= "amount" then return "missing" end
    if row.difference ~= nil and math.abs(row.difference) <= t.money "0.05" then return "rounding" end
    return row.left_rows > 1 and "twice" or "unknown"
  end,
  tests = {
    { given = { class = "left_only", left_rows = 1 }, expect = "missing" },
    { given = { class = "amount", difference = t.money "-0.05", left_rows = 1 }, expect = "rounding" },
    { given = { class = "amount", difference = t.money "9.00", left_rows = 2 }, expect = "twice" },
  },
}
