local t = require "tallymill"

local driver = {
  ["C-01"] = "new_users",   -- new customer development fee
  ["C-02"] = "active_days", -- customer service fee
  ["C-03"] = "collected",   -- bill collection handling fee
  ["C-20"] = "arrears",     -- arrears impairment
}

return t.driver_rule {
  name = "cost_driver",
  doc = "Which column of the users a cost item is attributed by (AL-01, AL-02, AL-04).",
  needs = { cost_item = "text" },
  driver = function(row)
    return driver[row.cost_item] or "collected"
  end,
  tests = {
    { given = { cost_item = "C-01" }, expect = "new_users" },
    { given = { cost_item = "C-20" }, expect = "arrears" },
    { given = { cost_item = "C-18" }, expect = "collected" },
  },
}
