local t = require "tallymill"

return t.check_rule {
  name = "gifted_once",
  doc = "A one-time campaign gives to a customer once (R-CC07).",
  needs = { one_time = "boolean", nth_gift = "integer", customer_id = "text" },
  check = function(row)
    if row.one_time and row.nth_gift > 1 then
      return t.fail("CC07", "gift number {nth_gift} to customer {customer_id} of a one-time campaign", row)
    end
  end,
  tests = {
    { given = { one_time = true, nth_gift = 1, customer_id = "C1" }, expect = "pass" },
    { given = { one_time = true, nth_gift = 2, customer_id = "C1" }, expect = "CC07" },
    { given = { one_time = false, nth_gift = 2, customer_id = "C1" }, expect = "pass" },
  },
}
