local t = require "tallymill"

return t.check_rule {
  name = "allocates",
  doc = "A rule that allocates for ever.",
  needs = { account = "text" },
  check = function(row)
    local all = {}
    while true do all[#all + 1] = ("x"):rep(1000) .. #all end
  end,
  tests = {},
}
