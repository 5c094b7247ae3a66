#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "rules/check.h"

namespace tallymill {

/// What the failure of a check means for the rows it is about, and for who reads the dataset.
enum class CheckAction {
  warn,    ///< it is told
  reject,  ///< the rows that fail leave; the check fails where more do than it tolerates
  block,   ///< nobody reads the dataset
  fail,    ///< nobody reads the dataset, and the job fails
};
std::string_view to_string(CheckAction action);
/// Option `on_fail` of a check or of its job; empty where it is not given.
std::optional<CheckAction> check_action(const Options& options);

/// What every check of a suite has, whatever its kind.
struct CheckSettings {
  std::string name;  ///< unique in its suite; by default "not_null(user_id)"
  std::string type;  ///< "not_null"
  CheckSeverity severity = CheckSeverity::error;
  std::optional<CheckAction> on_fail;  ///< empty: as its job says
  SourcePosition on_fail_position;
  std::string where;  ///< user SQL; empty: every row
  SourcePosition where_position;
  std::int64_t max_failed = 0;  ///< rows that may fail
  bool has_max_failed = false;
  std::optional<std::int64_t> max_ratio;      ///< of the rows checked, in units of 10^-9
  std::optional<std::int64_t> expect_failed;  ///< rows that must fail, no more and no less
  std::string amount;  ///< column whose sum over failing rows is limited; empty: none
  SourcePosition amount_position;
  std::string max_failed_amount;  ///< a number, param(name) or with ${...}; empty: no limit
  SourcePosition max_failed_amount_position;
  std::optional<std::int64_t> max_amount_ratio;  ///< in units of 10^-9
  SourcePosition position;                       ///< of the entry

  /// Whether some rows may fail, or must.
  bool has_tolerance() const;
  bool rejects() const { return on_fail == CheckAction::reject; }
  /// Whether `failed` of `checked` rows still pass, amounts apart. Compared as whole numbers, never
  /// as a quotient.
  bool tolerates(std::int64_t failed, std::int64_t checked) const;
  /// The same of rows that only another dataset has. What amount they lack is not known.
  bool tolerates_missing(std::int64_t missing, std::int64_t checked) const;
};

struct SuiteCheck {
  CheckSettings settings;
  std::unique_ptr<Check> check;
};

/// Options of a check with those that every check takes.
std::vector<OptionSpec> check_options(const CheckType& type);
/// The JSON Schema of what stands behind the check's name.
json::object check_schema(const CheckType& type);

/// Reads a `checks:` list. Reports every problem, an empty list too: a suite that asks nothing
/// would always pass.
std::vector<SuiteCheck> load_checks(YamlNode list, const Registry<CheckType>& types,
                                    Diagnostics& diagnostics);

}  // namespace tallymill
