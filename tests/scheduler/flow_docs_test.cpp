// docs/flow.md shows every rule, every function of conditions and every code of `why`, as they are.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/files.h"
#include "scheduler/condition.h"
#include "scheduler/trigger_rule.h"
#include "scheduler/why.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

const std::string& page() {
  static const std::string text = read_file(std::filesystem::path(kSourceFolder) / "docs/flow.md");
  return text;
}

void check_row(const std::string& row) {
  INFO(row);
  CHECK(page().find("\n" + row) != std::string::npos);
}

}  // namespace

TEST_CASE("flow page: every trigger rule has a row") {
  for (const std::string_view rule : trigger_rule_names())
    check_row("| `" + std::string(rule) + "` | ");
}

TEST_CASE("flow page: every function of conditions has a row that says what it is") {
  for (const ConditionFunction& function : condition_functions()) {
    const std::string call =
        std::string(function.name) + "(" + std::string(function.arguments) + ")";
    const std::string of = function.name == "passed" ? "a gate"
                           : function.is_outcome     ? "any job"
                                                     : "with a result";
    check_row("| `" + call + "` | " + of + " | " + std::string(kind_name(function.gives)) + " | " +
              std::string(function.meaning) + " |\n");
  }
}

TEST_CASE("flow page: every code of 'why' has a row that says what it means") {
  for (const WhyCode& code : why_codes())
    check_row("| `" + std::string(code.code) + "` | " + std::string(code.meaning) + " |\n");
}
