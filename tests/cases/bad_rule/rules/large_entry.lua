local t = require "tallymill"

return t.check_rule {
  name = "large_entry",
  doc = "Entries over a limit are looked at.",
  needs = { amount = "money" },
  check = function(row)
    if row.amount > 3000 then
      return t.fail("L1", "{amount} is large", row)
    end
  end,
  tests = {
    { given = { amount = t.money "1.00" }, expect = "pass" },
  },
}
