local t = require "tallymill"

return t.check_rule {
  name = "given_within_declared",
  doc = "A campaign does not give more than it declared (R-CC04, amount part).",
  needs = { given = "money", declared = "money" },
  check = function(row)
    if row.given > row.declared then
      return t.fail("CC04", "{given} was given, {declared} was declared", row)
    end
  end,
  tests = {
    { given = { given = t.money "10.00", declared = t.money "10.00" }, expect = "pass" },
    { given = { given = t.money "10.01", declared = t.money "10.00" }, expect = "CC04" },
  },
}
