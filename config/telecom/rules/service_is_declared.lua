local t = require "tallymill"

return t.check_rule {
  name = "service_is_declared",
  doc = "The gifted service is the declared one (R-CC05).",
  needs = { service = "text", declared_service = "text" },
  check = function(row)
    if row.service ~= row.declared_service then
      return t.fail("CC05", "service {service} was given, {declared_service} was declared", row)
    end
  end,
  tests = {
    { given = { service = "积分", declared_service = "积分" }, expect = "pass" },
    { given = { service = "话补", declared_service = "积分" }, expect = "CC05" },
  },
}
