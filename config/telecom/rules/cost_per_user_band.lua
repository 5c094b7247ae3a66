local t = require "tallymill"

return t.threshold_rule {
  name = "cost_per_user_band",
  doc = "A branch whose cost per user (in hundreds of yuan) is over 10 is looked at.",
  needs = { value = "ratio", org = "text" },
  params = { high = t.param { type = "ratio", table = "cost_per_user", by = "org" } },
  band = function(row, p)
    if row.value > p.high then
      return t.band("high", "cost per user {value} is over {high}", { value = row.value, high = p.high })
    end
    return t.band "normal"
  end,
  tests = {
    {
      given = { value = t.ratio "9.5", org = "B01" }, params = { high = t.ratio "10" },
      expect = "normal",
    },
    {
      given = { value = t.ratio "10.5", org = "B01" }, params = { high = t.ratio "10" },
      expect = "high",
    },
  },
}
