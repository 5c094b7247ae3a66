local t = require "tallymill"

return t.check_rule {
  name = "loops",
  doc = "A rule that loops for ever on its second row.",
  needs = { account = "text" },
  check = function(row)
    while row.account == "1002" do end
  end,
  tests = {},
}
