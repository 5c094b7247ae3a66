local t = require "tallymill"

return t.check_rule {
  name = "loops_in_find",
  doc = "A pattern that never ends inside a C function.",
  needs = { account = "text" },
  check = function(row)
    if (("a"):rep(40) .. row.account):find(("a*"):rep(30) .. "b") then return t.fail("X", "no") end
  end,
  tests = {},
}
