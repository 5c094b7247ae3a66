// docs/rules/library.md runs here line by line, and names everything the library offers.
#include <doctest/doctest.h>

#include <regex>
#include <sstream>

#include "core/files.h"
#include "core/text.h"
#include "tests/folders.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

struct Example {
  std::string expression;
  std::string expected;
};

/// One block of the page: lines that make names, and lines that say what comes out.
struct Block {
  std::string names;
  std::vector<Example> examples;
};

std::string page() { return read_file(std::string(kSourceFolder) + "/docs/rules/library.md"); }

std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> blocks;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```lua";
      if (inside) blocks.emplace_back();
      continue;
    }
    if (!inside) continue;
    const std::size_t arrow = line.find("--> ");
    if (arrow == line.npos)
      blocks.back().names += line + "\n";
    else
      blocks.back().examples.push_back({line.substr(0, arrow), line.substr(arrow + 4)});
  }
  return blocks;
}

/// A rule that evaluates the n-th example, with a test for each.
std::string rule_of(const Block& block) {
  std::string text = "local t = require \"tallymill\"\n" + block.names + "local examples = {\n";
  for (const Example& example : block.examples)
    text += "  function() return " + example.expression + " end,\n";
  text += R"lua(}
local function show(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "number" then
    return string.format(value == math.floor(value) and "%.0f" or "%.14g", value)
  end
  if type(value) ~= "table" then return tostring(value) end
  local items = {}
  for i, item in ipairs(value) do items[i] = show(item) end
  return "{" .. table.concat(items, ", ") .. "}"
end
return t.classify_rule {
  name = "probe",
  needs = { n = "integer" },
  classify = function(row)
    local ok, value = pcall(examples[row.n])
    if ok then return show(value) end
    return "error: " .. string.gsub(value, "^rules/probe.lua:%d+: ", "")
  end,
  tests = {
)lua";
  for (std::size_t i = 0; i < block.examples.size(); ++i)
    text += "    { given = { n = " + std::to_string(i + 1) + " }, expect = [==[" +
            block.examples[i].expected + "]==] },\n";
  return text + "  },\n}\n";
}

/// A file that defines functions of the library, by module name.
std::string module_text(const std::string& name) {
  return read_file(std::string(kSourceFolder) + "/lua/tallymill/" + name + ".lua");
}

/// What tallymill.lua offers: name, and the module it comes from.
std::vector<std::pair<std::string, std::string>> offered() {
  const std::string text = read_file(std::string(kSourceFolder) + "/lua/tallymill.lua");
  static const std::regex entry(R"(\n  (\w+) = (\w+)\.(\w+),)");
  std::vector<std::pair<std::string, std::string>> names;
  for (std::sregex_iterator it(text.begin(), text.end(), entry), end; it != end; ++it)
    names.emplace_back((*it)[1], (*it)[2]);
  return names;
}

}  // namespace

TEST_CASE("library: every line of its page gives what the page says") {
  const std::vector<Block> blocks = blocks_of(page());
  REQUIRE(blocks.size() >= 9);
  for (const Block& block : blocks) {
    RuleRuntime runtime(nullptr, {}, 2);
    Diagnostics diagnostics;
    const RuleInfo* rule = runtime.load({"probe", "rules/probe.lua", rule_of(block)}, diagnostics);
    REQUIRE_MESSAGE(rule != nullptr, diagnostics.render());
    const std::vector<RuleTest> tests = runtime.run_tests("probe");
    REQUIRE(tests.size() == block.examples.size());
    for (std::size_t i = 0; i < tests.size(); ++i) {
      CAPTURE(block.examples[i].expression);
      CHECK(tests[i].message == "");
      CHECK(tests[i].passed);
    }
  }
}

TEST_CASE("library: every function is on the page and says its arguments") {
  const std::string text = page();
  REQUIRE(offered().size() > 50);
  for (const auto& [name, module] : offered()) {
    CAPTURE(name);
    CHECK(text.find("t." + name) != text.npos);
    if (module == "kinds") continue;
    const std::string source = module_text(module);
    const std::regex definition("---@[^\\n]*\\n(?:local )?function (?:" + module + "\\.)?" + name +
                                "\\(");
    CHECK(std::regex_search(source, definition));
  }
}

TEST_CASE("library: parts of a split add up, whatever the amount and the weights") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", R"lua(local t = require "tallymill"
return t.classify_rule {
  name = "probe",
  needs = { amount = "integer", a = "integer", b = "integer", c = "integer" },
  classify = function(row)
    local parts = t.split(row.amount, { row.a, row.b, row.c })
    if parts[1] + parts[2] + parts[3] ~= row.amount then return "sum" end
    local total = row.a + row.b + row.c
    local weights = { row.a, row.b, row.c }
    for i = 1, 3 do
      local low = t.share(row.amount, weights[i], total, "floor")
      if parts[i] < low or parts[i] > t.share(row.amount, weights[i], total, "ceiling") then
        return "part " .. i
      end
    end
    return "well"
  end,
}
)lua"));
  harness.rows(
      "select ((hash(n) % 18014398509481983)::hugeint - 9007199254740991)::bigint as amount, "
      "(hash(n + 1) % 3002399751580330)::bigint as a, (hash(n + 2) % 7)::bigint as b, "
      "(hash(n + 3) % 100000 + 1)::bigint as c from range(5000) r(n)",
      {column("amount", Type::integer()), column("a", Type::integer()),
       column("b", Type::integer()), column("c", Type::integer())});
  const Lines lines = harness.values({"probe"});
  REQUIRE(lines.size() == 5000);
  for (const std::string& line : lines) REQUIRE(line == "well | - | false");
}

TEST_CASE("library: similarity is DuckDB's, distances too") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", R"lua(local t = require "tallymill"
return t.classify_rule {
  name = "probe",
  needs = { a = "text", b = "text", alike = "ratio", edits = "integer" },
  classify = function(row)
    local alike = t.similarity(row.a, row.b)
    if math.abs(alike - row.alike) > 1e-8 then return row.a .. " " .. row.b .. " " .. alike end
    local edits = t.edit_distance(row.a, row.b)
    return edits == row.edits and "same" or row.a .. " " .. row.b .. " " .. edits
  end,
}
)lua"));
  harness.rows(
      "select a, b, jaro_winkler_similarity(a, b)::decimal(18,9) as alike, "
      "levenshtein(a, b)::bigint as edits from ("
      "select translate((hash(n) % 100000000)::varchar, '0123456789', 'abcabcaaab') as a, "
      "translate((hash(n + 7) % 10000000)::varchar, '0123456789', 'abcabcbbaa') as b "
      "from range(3000) r(n))",
      {column("a", Type::text()), column("b", Type::text()), column("alike", Type::ratio()),
       column("edits", Type::integer())});
  const Lines lines = harness.values({"probe"});
  REQUIRE(lines.size() == 3000);
  for (const std::string& line : lines) REQUIRE(line == "same | - | false");
}

TEST_CASE("library: periods, calendars and templates are shared by rules and may not be changed") {
  const std::string body =
      "local p = t.period \"2026-01\"\n    local function set(x) x.text = 1 end\n"
      "    set(p)";
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "n = \"integer\"", "    " + body)));
  harness.rows("select 1::bigint as n", {column("n", Type::integer())});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe error rule_error: rules/probe.lua:7: a period may not be changed"});
}

TEST_CASE("library: a message prints a value as the type it names") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "gift = \"money\"", R"(
    return t.fail("R", "{rate:percent} {gift} {gift:money} {n:nothing} {gone}",
      { rate = 0.05, gift = row.gift, n = 1 }))")));
  harness.rows("select 12.30::decimal(18,2) as gift", {column("gift", Type::money(2))});
  CHECK(harness.check({"probe"}) == Lines{"0 probe fail R: 5 % 1230 12.30 {n:nothing} {gone}"});
}

TEST_CASE("library: a literal inside a rule gives what it gives in front of it, on every row") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", R"lua(local t = require "tallymill"
local first = { t.money "670.01", t.decimal("0.1250", 4), t.decimal("0.125", 3), t.percent "5",
  t.ratio "5", t.date "2026-01-31", t.timestamp "2026-01-31T08:05:00Z", t.period "2026-01" }
return t.classify_rule {
  name = "probe",
  needs = { text = "text" },
  classify = function(row)
    local again = { t.money "670.01", t.decimal("0.1250", 4), t.decimal("0.125", 3), t.percent "5",
      t.ratio "5", t.date "2026-01-31", t.timestamp "2026-01-31T08:05:00Z", t.period "2026-01" }
    for i = 1, #first do
      if again[i] ~= first[i] then return "literal " .. i end
    end
    if t.money_text(t.money(row.text)) ~= row.text then return row.text end
    return "same"
  end,
}
)lua"));
  // More texts than are remembered, each of them twice.
  harness.rows("select (n % 2500)::varchar || '.10' as text from range(5000) r(n)",
               {column("text", Type::text())});
  const Lines lines = harness.values({"probe"});
  REQUIRE(lines.size() == 5000);
  for (const std::string& line : lines) REQUIRE(line == "same | - | false");
}

TEST_CASE("library: a text that is no literal raises the same error on every row") {
  RuleHarness harness;
  REQUIRE(harness.load("probe", check_rule_text("probe", "text = \"text\"",
                                                "    return row.text == \"\" and t.money(1) "
                                                "or t.money(row.text)")));
  harness.rows("select unnest(['x', 'x', '']) as text", {column("text", Type::text())});
  CHECK(harness.check({"probe"}) ==
        Lines{"0 probe error rule_error: rules/probe.lua:6: t.money: 'x' is not a plain decimal "
              "number",
              "1 probe error rule_error: rules/probe.lua:6: t.money: 'x' is not a plain decimal "
              "number",
              "2 probe error rule_error: rules/probe.lua:6: t.money: expected a text such as "
              "\"12.30\", got number"});
}
