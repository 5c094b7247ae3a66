local t = require "tallymill"

return t.classify_rule {
  name = "high_value",
  doc = "A customer billed 3,000 yuan or more in a month is of high value (R-CL01).",
  needs = { billed = "money" },
  labels = { "high", "normal" },
  classify = function(row)
    return row.billed >= t.money "3000.00" and "high" or "normal"
  end,
  tests = {
    { given = { billed = t.money "2999.99" }, expect = "normal" },
    { given = { billed = t.money "3000.00" }, expect = "high" },
  },
}
