local t = require "tallymill"

return t.check_rule {
  name = "declaration_is_complete",
  doc = "A declaration has all its fields, and its dates are in order (R-CC09).",
  needs = { name = "text?", city = "text?", start_date = "date?", end_date = "date?", declared = "money?" },
  check = function(row)
    if row.name == nil or row.city == nil or row.declared == nil then
      return t.fail("CC09", "the declaration misses its name, city or amount")
    end
    if row.start_date == nil or row.end_date == nil or row.end_date < row.start_date then
      return t.fail("CC09", "the declared dates are missing or out of order")
    end
  end,
  tests = {
    {
      given = {
        name = "A", city = "杭州", declared = t.money "1.00",
        start_date = t.date "2026-01-01", end_date = t.date "2026-01-01",
      },
      expect = "pass",
    },
    { given = { city = "杭州", declared = t.money "1.00" }, expect = "CC09" },
    { given = { name = "A", declared = t.money "1.00" }, expect = "CC09" },
    { given = { name = "A", city = "杭州" }, expect = "CC09" },
    { given = { name = "A", city = "杭州", declared = t.money "1.00" }, expect = "CC09" },
    {
      given = {
        name = "A", city = "杭州", declared = t.money "1.00",
        start_date = t.date "2026-01-02", end_date = t.date "2026-01-01",
      },
      expect = "CC09",
    },
  },
}
