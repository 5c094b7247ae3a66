#include "cli/rule_test_report.h"

#include <algorithm>

#include "cli/run_words.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// Longer lists are for programs.
constexpr std::size_t kMostLines = 10;

struct Share {
  std::int64_t part = 0;
  std::int64_t whole = 0;

  /// Rounded down: 100 means all. Of nothing, all.
  std::int64_t percent() const { return whole == 0 ? 100 : part * 100 / whole; }
  void add(const Share& other) {
    part += other.part;
    whole += other.whole;
  }
  std::string text() const {
    return group_digits(part) + " of " + group_digits(whole) + " (" + std::to_string(percent()) +
           " %)";
  }
};

/// One rule's answer.
class RuleResult {
 public:
  explicit RuleResult(const json::value& value) : object_(value.as_object()) {}

  std::string name() const { return json_text(object_, "rule"); }
  const json::array& tests() const { return json_at(object_, "tests").as_array(); }
  Share passed() const {
    Share share{.whole = static_cast<std::int64_t>(tests().size())};
    for (const json::value& test : tests())
      share.part += json_boolean(test.as_object(), "passed") ? 1 : 0;
    return share;
  }
  /// Why something is not there; empty if all is.
  std::string note() const { return json_text_or(object_, "note", ""); }
  const json::object& coverage() const { return json_at(object_, "coverage").as_object(); }
  Share covered() const {
    return {json_integer(coverage(), "taken"), json_integer(coverage(), "outcomes")};
  }
  /// Null where none were made.
  const json::object* mutants() const { return json_at(object_, "mutants").if_object(); }
  Share killed() const {
    if (mutants() == nullptr) return {};
    return {json_integer(*mutants(), "killed"), json_integer(*mutants(), "made")};
  }

 private:
  const json::object& object_;
};

std::string passed_text(const Share& tests) {
  if (tests.whole == 0) return "no tests";
  std::string text = group_digits(tests.part) + " passed";
  if (tests.part < tests.whole) text += ", " + group_digits(tests.whole - tests.part) + " failed";
  return text;
}

std::string shares_text(const Share& covered, bool has_mutants, const Share& killed) {
  std::string text;
  if (covered.whole > 0) text += "; branches " + covered.text();
  if (has_mutants && killed.whole > 0) text += "; mutants " + killed.text();
  return text;
}

SourcePosition place_of(const json::object& item) {
  return {json_text(item, "file"), static_cast<int>(json_integer(item, "line")),
          static_cast<int>(json_integer(item, "column")),
          static_cast<int>(json_integer(item, "length"))};
}

std::string indented(const std::string& text) {
  std::string result;
  for (const std::string& line : split(text, '\n'))
    if (!line.empty()) result += "  " + line + "\n";
  return result;
}

std::string more_text(std::size_t count) {
  if (count <= kMostLines) return {};
  return "  and " + group_digits(static_cast<std::int64_t>(count - kMostLines)) +
         " more, which --json shows\n";
}

std::string failures_text(const RuleResult& rule, const Diagnostics& sources) {
  Diagnostics failed = sources;
  for (const json::value& item : rule.tests()) {
    const json::object& test = item.as_object();
    if (!json_boolean(test, "passed"))
      failed.error(place_of(test), json_text(test, "name") + ": " + json_text(test, "message"));
  }
  return indented(failed.render());
}

std::string uncovered_text(const RuleResult& rule, const Diagnostics& sources) {
  const json::array& conditions = json_at(rule.coverage(), "uncovered").as_array();
  Diagnostics uncovered = sources;
  for (std::size_t i = 0; i < std::min(conditions.size(), kMostLines); ++i) {
    const json::object& condition = conditions[i].as_object();
    const bool was_true = json_boolean(condition, "was_true");
    const bool was_false = json_boolean(condition, "was_false");
    uncovered.warning(place_of(condition), !was_true && !was_false ? "no test comes here"
                                           : was_true              ? "no test makes this false"
                                                                   : "no test makes this true");
  }
  return indented(uncovered.render()) + more_text(conditions.size());
}

std::string survivors_text(const json::object& mutants) {
  const json::array& survivors = json_at(mutants, "survivors").as_array();
  std::string text;
  for (std::size_t i = 0; i < std::min(survivors.size(), kMostLines); ++i) {
    const json::object& mutant = survivors[i].as_object();
    const std::string after = json_text(mutant, "after");
    text += "  " + place_of(mutant).text() + ": no test notices " + json_text(mutant, "change") +
            "\n    - " + json_text(mutant, "before") + "\n" +
            (after.empty() ? "" : "    + " + after + "\n");
  }
  return text + more_text(survivors.size());
}

}  // namespace

std::string rule_test_report(const json::array& rules, const Diagnostics& sources) {
  std::size_t width = 0;
  for (const json::value& item : rules) width = std::max(width, RuleResult(item).name().size());
  std::string text;
  Share tests, covered, killed;
  bool has_mutants = false;
  for (const json::value& item : rules) {
    const RuleResult rule(item);
    const bool is_tested = rule.passed().whole > 0;
    text +=
        rule.name() + std::string(width - rule.name().size() + 2, ' ') + passed_text(rule.passed());
    if (is_tested) text += shares_text(rule.covered(), rule.mutants() != nullptr, rule.killed());
    text += "\n";
    if (!rule.note().empty()) text += "  note: " + rule.note() + "\n";
    if (is_tested) {
      text += failures_text(rule, sources) + uncovered_text(rule, sources);
      if (rule.mutants() != nullptr) text += survivors_text(*rule.mutants());
    }
    has_mutants = has_mutants || rule.mutants() != nullptr;
    tests.add(rule.passed());
    covered.add(rule.covered());
    killed.add(rule.killed());
  }
  return text + counted(static_cast<std::int64_t>(rules.size()), "rule") + ", " +
         counted(tests.whole, "test") + ": " + passed_text(tests) +
         (tests.whole > 0 ? shares_text(covered, has_mutants, killed) : "") + "\n";
}

std::string suggestions_text(const json::array& rules,
                             const std::map<std::string, PinnedFile>& files) {
  std::string text;
  for (const json::value& item : rules) {
    const json::object& rule = item.as_object();
    const json::array& cases = json_at(rule, "suggestions").as_array();
    const std::string table = "tests/rules/" + json_text(rule, "rule") + "_test.yaml";
    const bool has_table = files.contains(table);
    const std::string into =
        has_table ? "cases of " + table : "tests of " + json_text(rule, "file");
    const std::string comment = has_table ? "  # " : "    -- ";
    text += text.empty() ? "" : "\n";
    const std::string note = json_text_or(rule, "note", "");
    text += cases.empty()
                ? "nothing to add to the " + into + (note.empty() ? "" : ": " + note) + "\n"
                : counted(static_cast<std::int64_t>(cases.size()), "case") + " for the " + into +
                      "; expect says what the rule does now, read it before you paste\n";
    for (const json::value& suggested : cases) {
      const json::object& made = suggested.as_object();
      text += comment + "line " + std::to_string(json_integer(made, "line")) + ", " +
              json_text(made, "about") + "\n" + (has_table ? "  " : "    ") +
              json_text(made, has_table ? "yaml" : "lua") + "\n";
    }
  }
  return text;
}

bool has_failed_tests(const json::array& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const json::value& item) {
    const Share passed = RuleResult(item).passed();
    return passed.part < passed.whole;
  });
}

std::string shortfall_text(const json::array& rules, const RuleTestLimits& limits) {
  std::string text;
  for (const json::value& item : rules) {
    const RuleResult rule(item);
    const auto judge = [&](const std::optional<std::int64_t>& least, const Share& share,
                           const std::string& verb, const std::string& what) {
      if (least && share.percent() < *least)
        text += "tests of '" + rule.name() + "' " + verb + " " + share.text() + " " + what +
                ", and " + std::to_string(*least) + " % are asked for\n";
    };
    judge(limits.coverage, rule.covered(), "take", "outcomes of its conditions");
    judge(limits.score, rule.killed(), "notice", "mutants");
  }
  return text;
}

}  // namespace tallymill
