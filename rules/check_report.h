#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "rules/check_plan.h"

namespace tallymill {

/// What a check found, as reports show it. A function of the data alone: no times, no ids.
struct CheckResult {
  std::string name;
  std::string check;  ///< its kind
  std::vector<std::string> columns;
  CheckSeverity severity = CheckSeverity::error;
  CheckVerdict verdict = CheckVerdict::not_applicable;
  bool rejects = false;  ///< the rows that failed have left
  std::int64_t rows_checked = 0;
  std::int64_t rows_failed = 0;
  std::int64_t rows_warned = 0;  ///< findings of severity warn that a rule made itself
  std::int64_t rows_not_applicable = 0;
  /// Rows or groups that only the other dataset has; empty: the check does not ask.
  std::optional<std::int64_t> missing;
  std::string failed_amount;  ///< declared amount of the failing rows; empty: none was declared
  std::string ratio;     ///< failed of checked, to 9 digits, half to even; empty: nothing checked
  std::string observed;  ///< "3 of 120 rows failed"
  std::string expected;  ///< "a value"
  std::string message;   ///< one sentence of all that
  std::optional<std::pair<std::string, std::string>> measured;  ///< name and exact value
  struct Value {
    std::string value;
    std::int64_t rows = 0;
  };
  std::vector<Value> top_values;  ///< most frequent failing values, sensitive ones masked

  json::object to_json() const;
};

/// The result of a check from what was measured; top values apart.
CheckResult judge(const PlannedCheck& check, const CheckMeasures& measures);

/// `part` of `whole` (0 <= part <= whole, whole > 0) as a plain decimal of up to 9 fraction digits,
/// rounded half to even from the exact quotient: 1 of 3 is "0.333333333", 1 of 4 "0.25".
std::string exact_ratio(std::int64_t part, std::int64_t whole);

}  // namespace tallymill
