local t = require "tallymill"

return t.check_rule {
  name = "city_and_channel_declared",
  doc = "City and channel are those of the declaration (R-CC06).",
  needs = { city = "text", channel = "text", declared_city = "text", declared_channel = "text" },
  check = function(row)
    if row.city ~= row.declared_city then
      return t.fail("CC06", "city {city} is outside the declaration for {declared_city}", row)
    end
    if row.channel ~= row.declared_channel then
      return t.fail("CC06", "channel {channel} is outside the declaration for {declared_channel}", row)
    end
  end,
  tests = {
    {
      given = { city = "杭州", channel = "网厅", declared_city = "杭州", declared_channel = "网厅" },
      expect = "pass",
    },
    {
      given = { city = "宁波", channel = "网厅", declared_city = "杭州", declared_channel = "网厅" },
      expect = "CC06",
    },
    {
      given = { city = "杭州", channel = "营业厅", declared_city = "杭州", declared_channel = "网厅" },
      expect = "CC06",
    },
  },
}
