local t = require "tallymill"

return t.classify_rule {
  name = "payment_tags",
  doc = "Everything that is true of a payment.",
  needs = { amount = "money", channel = "text" },
  labels = { "large", "agent", "refund" },
  many = true,
  classify = function(row)
    local tags = {}
    if row.amount < 0 then tags[#tags + 1] = "refund" end
    if t.starts_with(row.channel, "agent") then tags[#tags + 1] = "agent" end
    if math.abs(row.amount) > t.money "3000.00" then tags[#tags + 1] = "large" end
    return tags
  end,
  tests = {
    { given = { amount = t.money "-3500.00", channel = "agent east" }, expect = { "large", "agent", "refund" } },
    { given = { amount = t.money "19.90", channel = "app" }, expect = {} },
  },
}
