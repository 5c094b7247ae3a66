local t = require "tallymill"

return t.classify_rule {
  name = "twice",
  needs = { org_code = "text" },
  classify = function() return "any" end,
}
