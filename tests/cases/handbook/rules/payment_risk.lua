local t = require "tallymill"

return t.score_rule {
  name = "payment_risk",
  doc = "How much a payment wants a second look; 50 points and more are looked at.",
  needs = { amount = "money", channel = "text?" },
  params = { large = t.money "3000.00" },
  reasons = { "large", "no_channel", "round_sum" },
  score = function(row, p)
    local points = {}
    if row.amount > p.large then points.large = 40 end
    if row.channel == nil then points.no_channel = 20 end
    if row.amount == t.round_to(row.amount, t.money "1000.00") then points.round_sum = 10 end
    return points
  end,
  tests = {
    { given = { amount = t.money "19.90", channel = "app" }, expect = 0 },
    { given = { amount = t.money "4000.00" }, expect = 70, message = "large 40; no_channel 20; round_sum 10" },
  },
}
