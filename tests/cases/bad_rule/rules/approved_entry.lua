local t = require "tallymill"

return t.check_rule {
  name = "approved_entry",
  doc = "Every entry was approved by somebody.",
  needs = { approved_by = "text" },
  check = function(row)
    if row.approved_by == "" then
      return t.fail("A1", "nobody approved this")
    end
  end,
  tests = {
    { given = { approved_by = "x" }, expect = "pass" },
  },
}
