local t = require "tallymill"

return t.check_rule {
  name = "gift_within_declaration",
  doc = "A city may not give more than the campaign declared (R-CC04, amount part).",
  needs = { gift = "money", declared = "money" },
  params = { tolerance = t.money "0.00" },
  check = function(row, p)
    if row.gift > row.declared + p.tolerance then
      return t.fail("CC04", "gift {gift} is over the declared {declared}", row)
    end
  end,
  tests = {
    { given = { gift = t.money "10.00", declared = t.money "10.00" }, expect = "pass" },
    { given = { gift = t.money "10.01", declared = t.money "10.00" }, expect = "CC04" },
  },
}
