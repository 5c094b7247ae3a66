local t = require "tallymill"

return t.classify_rule {
  name = "customer_class",
  doc = "A customer whose charge is over the mark of the region is a high-value one (R-CL01).",
  needs = { charge = "money", org_code = "text" },
  params = {
    threshold = t.param { type = "money", table = "high_value", by = "org_code" },
  },
  labels = { "high_value", "ordinary" },
  classify = function(row, p)
    if row.charge > p.threshold then return "high_value" end
    return "ordinary"
  end,
  tests = {
    {
      given = { charge = t.money "3000.01", org_code = "G" },
      params = { threshold = t.money "3000.00" },
      expect = "high_value",
    },
    {
      given = { charge = t.money "3000.00", org_code = "G" },
      params = { threshold = t.money "3000.00" },
      expect = "ordinary",
    },
  },
}
