local t = require "tallymill"

return t.check_rule {
  name = "loops_in_pcall",
  doc = "A loop that catches everything.",
  needs = { account = "text" },
  check = function(row)
    -- On one line, which is the one seen last.
    while true do pcall(function() while true do end end) end
  end,
  tests = {},
}
