// Any bytes as a decision table or a parameter table are either refused with a problem or become
// one; a table that is taken in decides every fact without an accident.

#include <string>

#include "rules/decision_reader.h"
#include "rules/param_table.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* ending : {".yaml", ".csv"}) {
    Diagnostics diagnostics;
    const auto table =
        read_decision_table("f", std::string("rules/f") + ending, text, 2, diagnostics);
    TALLYMILL_REQUIRE((table == nullptr) == diagnostics.has_errors());
    TALLYMILL_REQUIRE(diagnostics.empty() == diagnostics.render().empty());
    if (table != nullptr) {
      decide(*table, std::vector<std::optional<TypedValue>>(table->inputs.size()));
      const TypedValue fact{12345, "branch"};
      const DecisionOutcome outcome =
          decide(*table, std::vector<std::optional<TypedValue>>(table->inputs.size(), fact));
      const bool is_one = table->hit == HitPolicy::collect || outcome.rows.size() <= 1 ||
                          outcome.state == DecisionOutcome::State::error;
      TALLYMILL_REQUIRE(is_one);
    }
    Diagnostics of_params;
    const auto params = ParamTable::read(std::string("params/f") + ending, text, {}, 2, of_params);
    TALLYMILL_REQUIRE((params == nullptr) == of_params.has_errors());
    if (params != nullptr) params->find("B01", Period::parse("2026-01").value());
  }
  return 0;
}
