local t = require "tallymill"

return t.check_rule {
  name = "gift_is_declared",
  doc = "Every gift belongs to a declared campaign (R-CC01).",
  needs = { campaign_id = "text", declared_campaign = "text?" },
  check = function(row)
    if row.declared_campaign == nil then
      return t.fail("CC01", "campaign {campaign_id} was executed without a declaration", row)
    end
  end,
  tests = {
    { given = { campaign_id = "P1", declared_campaign = "P1" }, expect = "pass" },
    { given = { campaign_id = "P1" }, expect = "CC01" },
  },
}
