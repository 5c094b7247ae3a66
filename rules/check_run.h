#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/check_cost.h"
#include "rules/check_report.h"

namespace tallymill {

/// What the checks of a dataset found. Each row is in one class: rejected (fails a check that
/// rejects), failed (a finding of severity error), warned (only of severity warn) or passed.
struct SuiteOutcome {
  std::int64_t rows = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t rows_failed = 0;
  std::int64_t rows_warned = 0;
  std::int64_t findings = 0;                   ///< rows of findings_select
  std::vector<CheckResult> checks;             ///< in suite order
  std::optional<std::string> findings_select;  ///< with findings_schema(); empty: no finding
  /// With check_rejects_schema(), and the rows that stay; empty: no row is rejected.
  std::optional<std::string> rejects_select;
  std::optional<std::string> rest_select;
  std::vector<PassCost> costs;  ///< in the order of the passes

  /// Checks that failed with this severity; a rule's own warnings count as one.
  std::int64_t failed_checks(CheckSeverity severity) const;
};

/// Runs a planned suite over `relation`, which has the columns of `schema`. Leaves temporary tables
/// in the engine that findings_select reads; run once per engine. Throws Error(config) when a rule
/// raised on more than `max_rule_errors` rows, naming rule, line and the first such row. Keys are
/// looked for in `key_memory` bytes, besides the engine's memory.
SuiteOutcome run_suite(Engine& engine, const PlannedSuite& suite, const std::string& relation,
                       const Schema& schema, std::int64_t max_rule_errors,
                       std::int64_t key_memory = std::int64_t{64} << 20);

}  // namespace tallymill
