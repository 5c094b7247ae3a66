local t = require "tallymill"

return t.check_rule {
  name = "large_entry",
  doc = "Entries over a limit are looked at.",
  needs = { amount = "money", approved_by = "text" },
  check = function(row)
    if row.amount > 3000 and row.approved_by == "" then
      return t.fail("L1", "{amount} without approval", row)
    end
  end,
  tests = {
    { given = { amount = t.money "1.00", approved_by = "" }, expect = "pass" },
  },
}
