local t = require "tallymill"

return t.check_rule {
  name = "gift_within_dates",
  doc = "A gift is given between the declared dates, both included (R-CC03).",
  needs = { gift_date = "date", start_date = "date", end_date = "date" },
  check = function(row)
    if row.gift_date < row.start_date or row.gift_date > row.end_date then
      return t.fail("CC03", "given on {gift_date}, declared from {start_date} to {end_date}", row)
    end
  end,
  tests = {
    {
      given = { gift_date = t.date "2026-01-05", start_date = t.date "2026-01-05", end_date = t.date "2026-01-31" },
      expect = "pass",
    },
    {
      given = { gift_date = t.date "2026-01-04", start_date = t.date "2026-01-05", end_date = t.date "2026-01-31" },
      expect = "CC03",
    },
    {
      given = { gift_date = t.date "2026-02-01", start_date = t.date "2026-01-05", end_date = t.date "2026-01-31" },
      expect = "CC03",
    },
  },
}
