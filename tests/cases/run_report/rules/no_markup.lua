local t = require "tallymill"

return t.check_rule {
  name  = "no_markup",
  doc   = "A note is plain text.",
  needs = { note = "text" },
  check = function(row)
    if t.contains(row.note, "<") then
      return t.fail("N01", "note {note} has markup", row)
    end
  end,
  tests = {
    { given = { note = "早上送" }, expect = "pass" },
    { given = { note = "<b>" }, expect = "N01" },
  },
}
