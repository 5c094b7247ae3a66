local t = require "tallymill"

return t.threshold_rule {
  name = "cancelled_share_band",
  doc = "More than 5 % of cancelled lines in a country is worth a look.",
  needs = { value = "ratio" },
  params = { high = t.percent "5" },
  band = function(row, p)
    if row.value > p.high then
      return t.band("high", "{value} of the lines were cancelled", { value = row.value })
    end
    return t.band "normal"
  end,
  tests = {
    { given = { value = t.percent "5" }, expect = "normal" },
    { given = { value = t.percent "5.1" }, expect = "high" },
  },
}
