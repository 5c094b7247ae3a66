local t = require "tallymill"

-- Codes tell the level: B.. branch, K.. customer centre, M.. marketing customer.
local level = { B = "branch", K = "customer_centre", M = "marketing_customer" }

return t.check_rule {
  name = "grain_matches_org",
  doc = "A cost line's organisation is of the level its grain names (R-AT08).",
  needs = { grain = "text", org_code = "text" },
  check = function(row)
    if level[row.org_code:sub(1, 1)] ~= row.grain then
      return t.fail("AT08", "organisation {org_code} is not of grain {grain}", row)
    end
  end,
  tests = {
    { given = { grain = "branch", org_code = "B01" }, expect = "pass" },
    { given = { grain = "branch", org_code = "K0101" }, expect = "AT08" },
    { given = { grain = "customer_centre", org_code = "X1" }, expect = "AT08" },
  },
}
