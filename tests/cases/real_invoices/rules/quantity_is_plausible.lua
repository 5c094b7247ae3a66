local t = require "tallymill"

return t.check_rule {
  name = "quantity_is_plausible",
  doc = "A sale has a positive quantity of at most a hundred thousand pieces.",
  needs = { quantity = "integer" },
  check = function(row)
    if row.quantity <= 0 then
      return t.fail("Q1", "a sale of {quantity} pieces", row)
    end
    if row.quantity > 100000 then
      return t.fail("Q2", "a sale of {quantity} pieces", row)
    end
  end,
  tests = {
    { given = { quantity = 1 }, expect = "pass" },
    { given = { quantity = 0 }, expect = "Q1" },
    { given = { quantity = 100000 }, expect = "pass" },
    { given = { quantity = 100001 }, expect = "Q2" },
  },
}
