local t = require "tallymill"

return t.transform_rule {
  name = "net_of_fee",
  doc = "What is left of a payment after its fee; the channel's half of the fee is told apart.",
  needs = { amount = "money" },
  params = { fee = t.money "0.00" },
  returns = { net = "money", channel_fee = "money" },
  transform = function(row, p)
    if row.amount < p.fee then return { net = row.amount, channel_fee = 0 } end
    return { net = row.amount - p.fee, channel_fee = t.share(p.fee, 1, 2) }
  end,
  tests = {
    {
      given = { amount = t.money "10.00" },
      params = { fee = t.money "0.50" },
      expect = { net = t.money "9.50", channel_fee = t.money "0.25" },
    },
    {
      given = { amount = t.money "0.20" },
      params = { fee = t.money "0.50" },
      expect = { net = t.money "0.20", channel_fee = 0 },
    },
  },
}
