local t = require "tallymill"

return t.check_rule {
  name = "gift_within_limit",
  doc = "A gift is not above the declared limit per customer (R-CC04, intensity part).",
  needs = { gift = "money", customer_limit = "money" },
  check = function(row)
    if row.gift > row.customer_limit then
      return t.fail("CC04", "gift {gift} is over the limit of {customer_limit} a customer", row)
    end
  end,
  tests = {
    { given = { gift = t.money "10.00", customer_limit = t.money "10.00" }, expect = "pass" },
    { given = { gift = t.money "10.01", customer_limit = t.money "10.00" }, expect = "CC04" },
  },
}
