#include <algorithm>

#include "core/text.h"
#include "rules/rule_judge.h"
#include "rules/rule_value.h"

namespace tallymill {
namespace {

/// Judges the tests written in a rule file before any of them runs.
class RuleTestJudge {
 public:
  RuleTestJudge(const RuleOutline& outline, LoadedRule& rule, Diagnostics& diagnostics)
      : outline_(outline), rule_(rule), diagnostics_(diagnostics) {}

  void judge(const json::value* tests) {
    if (tests == nullptr || is_empty_lua_table(*tests)) return;
    if (!tests->is_array())
      return report("tests",
                    "tests must be a list such as { { given = {...}, expect = \"pass\" } }");
    std::size_t number = 0;
    for (const json::value& test : tests->get_array()) {
      const std::string path = "tests[" + std::to_string(++number) + "]";
      std::string name = "test " + std::to_string(number);
      if (test.is_object())
        judge_test(path, test.get_object(), name);
      else
        report(path, name + " must be a table with given and expect, got " + lua_value_kind(test));
      rule_.cases.push_back(
          {name, outline_.position(path), test.is_object() ? test.get_object() : json::object{}});
    }
    rule_.info.tests = number;
  }

 private:
  void report(std::string_view path, std::string message, std::string hint = {}) {
    diagnostics_.error(outline_.position(path), std::move(message), std::move(hint));
  }

  void judge_test(const std::string& path, const json::object& test, std::string& name) {
    static const std::vector<std::string> kFields = {"name", "given", "expect", "message",
                                                     "params"};
    for (const auto& entry : test) {
      const std::string key(entry.key());
      if (std::find(kFields.begin(), kFields.end(), key) == kFields.end())
        report(path + "." + key, name + " has the unknown field '" + key + "'",
               did_you_mean(key, kFields));
    }
    const auto given = test.find("given");
    if (rule_.info.kind == RuleKind::group)
      judge_given_rows(path, name, given == test.end() ? nullptr : &given->value());
    else if (given == test.end() || !given->value().is_object())
      report(path, name + " has no table given", "write given = { column = value }");
    else
      judge_given(path, name, given->value().get_object());
    const auto expect = test.find("expect");
    const bool may_be_table = rule_.info.kind == RuleKind::transform;
    const bool fits_kind =
        (rule_.info.kind == RuleKind::score && is_number(expect, test)) ||
        ((rule_.many || rule_.info.kind == RuleKind::group) && is_list(expect, test));
    if (expect == test.end())
      report(path, name + " has no expect", "write expect = \"pass\"");
    else if (!expect->value().is_string() && !fits_kind &&
             !(may_be_table && expect->value().is_object()))
      report(path + ".expect", name + " expects " + lua_value_kind(expect->value()) +
                                   "; a text was expected" + other_expectation());
    const auto title = test.find("name");
    if (title != test.end() && title->value().is_string()) name = title->value().get_string();
  }

  static bool is_number(json::object::const_iterator expect, const json::object& test) {
    return expect != test.end() && expect->value().is_number();
  }
  static bool is_list(json::object::const_iterator expect, const json::object& test) {
    return expect != test.end() &&
           (expect->value().is_array() || is_empty_lua_table(expect->value()));
  }

  std::string other_expectation() const {
    if (rule_.info.kind == RuleKind::transform) return " or a table of columns";
    if (rule_.info.kind == RuleKind::score) return " or the score, a number";
    if (rule_.info.kind == RuleKind::group) return " or a list of them, one for each row";
    return rule_.many ? " or a list of labels" : "";
  }

  void judge_given_rows(const std::string& path, const std::string& test,
                        const json::value* given) {
    if (given == nullptr || !given->is_array())
      return report(path, test + " has no list given",
                    "write given = { { column = value }, { column = value } }");
    std::size_t number = 0;
    for (const json::value& row : given->get_array()) {
      ++number;
      if (row.is_object())
        judge_given(path, test, row.get_object());
      else
        report(path + ".given", test + ": row " + std::to_string(number) + " must be a table");
    }
  }

  void judge_given(const std::string& path, const std::string& test, const json::object& given) {
    std::vector<std::string> known;
    for (const RuleNeed& need : rule_.info.needs) known.push_back(need.column);
    for (const auto& entry : given) {
      const std::string column(entry.key());
      const std::string place = path + ".given." + column;
      const RuleNeed* need = nullptr;
      for (const RuleNeed& candidate : rule_.info.needs)
        if (candidate.column == column) need = &candidate;
      if (need == nullptr) {
        report(place, test + " gives column '" + column + "', which is not in needs",
               did_you_mean(column, known));
      } else if (const std::string expected = lua_value_problem(need->type, entry.value());
                 !expected.empty()) {
        report(place, test + ": column '" + column + "' is " + need->type.name() + " and must be " +
                          expected + ", got " + lua_value_kind(entry.value()));
      }
    }
  }

  const RuleOutline& outline_;
  LoadedRule& rule_;
  Diagnostics& diagnostics_;
};

}  // namespace

void judge_rule_tests(const json::value* tests, const RuleOutline& outline, LoadedRule& rule,
                      Diagnostics& diagnostics) {
  RuleTestJudge(outline, rule, diagnostics).judge(tests);
}

}  // namespace tallymill
