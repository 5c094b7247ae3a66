// Any text is either refused with one problem that lies in it, or a condition that has the same
// answer as often as it is asked.

#include <string_view>

#include "core/text_problem.h"
#include "scheduler/condition.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

const std::map<std::string, TaskParam> kParams{{"mode", {"text", "full"}},
                                               {"limit", {"money", "12.50"}},
                                               {"until", {"date", "2026-03-31"}},
                                               {"dry", {"boolean", "false"}}};

/// What a job came to follows from its name, so that a text can reach every case.
JobFacts facts_of(const std::string& job) {
  JobFacts facts;
  const unsigned kind = job.empty() ? 0U : static_cast<unsigned char>(job.back()) % 5U;
  facts.came_to = "ended";
  facts.succeeded = facts.has_result = kind < 2;
  facts.skipped = kind == 2;
  facts.failed = kind > 2;
  facts.blocked = kind == 4;
  facts.rows = static_cast<std::int64_t>(job.size());
  if (kind == 1) facts.passed = true;
  if (kind == 0) facts.indicators = {{"a", "5.0"}, {"b", "no number"}};
  return facts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<TextProblem> problems;
  const auto condition = Condition::parse(text, kParams, problems);
  TALLYMILL_REQUIRE((condition != nullptr) == problems.empty());
  TALLYMILL_REQUIRE(problems.size() <= 1);
  for (const TextProblem& problem : problems)
    TALLYMILL_REQUIRE(problem.length >= 1 && problem.offset <= text.size() &&
                      !problem.message.empty());
  if (!condition) return 0;
  for (const ConditionJob& asked : condition->jobs())
    TALLYMILL_REQUIRE(asked.offset + asked.length <= text.size());
  ConditionFacts facts{.period = "2026-03", .partition = "", .param = {}, .job = facts_of};
  facts.param = [](const std::string& name) { return kParams.at(name).value; };
  const ConditionAnswer first = condition->evaluate(facts);
  const ConditionAnswer again = condition->evaluate(facts);
  TALLYMILL_REQUIRE(first.kind == again.kind && first.sentence == again.sentence);
  TALLYMILL_REQUIRE((first.kind == ConditionAnswer::Kind::yes) == first.sentence.empty());
  return 0;
}
