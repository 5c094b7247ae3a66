local t = require "tallymill"

return t.check_rule {
  name = "declaration_is_executed",
  doc = "What was declared was carried out (R-CC02).",
  needs = { gifts = "integer" },
  check = function(row)
    if row.gifts == 0 then
      return t.fail("CC02", "declared, and nothing was executed")
    end
  end,
  tests = {
    { given = { gifts = 1 }, expect = "pass" },
    { given = { gifts = 0 }, expect = "CC02" },
  },
}
