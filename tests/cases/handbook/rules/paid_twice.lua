local t = require "tallymill"

return t.group_rule {
  name = "paid_twice",
  doc = "The same amount of the same customer within three days is paid only once.",
  needs = { customer = "text", paid_on = "date", payment = "text", amount = "money" },
  key = { "customer" },
  order = { "paid_on", "payment" },
  params = { days = 3 },
  check = function(rows, p)
    local found = {}
    for i = 2, #rows do
      local before, row = rows[i - 1], rows[i]
      if row.amount == before.amount and row.paid_on - before.paid_on <= p.days then
        found[#found + 1] = t.fail("P7", "{customer} paid {amount} again on {paid_on}", row)
      end
    end
    return found
  end,
  tests = {
    {
      given = {
        { customer = "K1", paid_on = t.date "2026-01-05", payment = "a", amount = t.money "10.00" },
        { customer = "K1", paid_on = t.date "2026-01-08", payment = "b", amount = t.money "10.00" },
        { customer = "K1", paid_on = t.date "2026-01-12", payment = "c", amount = t.money "10.00" },
      },
      expect = { "pass", "P7", "pass" },
    },
  },
}
