local t = require "tallymill"

return t.classify_rule {
  name = "channel_class",
  doc = "Whether we took the payment ourselves.",
  needs = { channel = "text" },
  labels = { "own", "agent", "open" },
  classify = function(row)
    if row.channel == "unknown" then return "open" end
    return row.channel:find "^agent" and "agent" or "own"
  end,
  tests = {
    { given = { channel = "agent east" }, expect = "agent" },
    { given = { channel = "app" }, expect = "own" },
    { given = { channel = "unknown" }, expect = "open" },
  },
}
