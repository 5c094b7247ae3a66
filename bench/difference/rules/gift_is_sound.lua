local t = require "tallymill"

return t.check_rule {
  name = "gift_is_sound",
  doc = "A gift is within what was declared, in time, and of a known channel.",
  needs = {
    campaign = "text", channel = "text", city = "text", gift = "money", declared = "money",
    gift_date = "date", start_date = "date", end_date = "date",
  },
  params = { limit = t.money "500.00" },
  check = function(row, p)
    if row.gift > row.declared then
      return t.fail("CC04", "gift {gift} is over the declared {declared}", row)
    end
    if row.gift > p.limit then return t.fail("CC05", "gift {gift} is over the limit", row) end
    if row.gift_date < row.start_date or row.gift_date > row.end_date then
      return t.fail("CC03", "given on {gift_date}", row)
    end
    if row.channel == "unknown" then return t.fail("CC06", "channel {channel}", row) end
    if row.city == "Hangzhou" and row.campaign == "P07" then
      return t.fail("CC07", "{campaign} is not for {city}", row)
    end
  end,
}
