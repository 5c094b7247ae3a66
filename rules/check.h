#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/job_shape.h"
#include "core/options.h"
#include "core/registry.h"
#include "datasets/sql_text.h"
#include "rules/check_context.h"

namespace tallymill {

/// not_applicable is neither pass nor fail: the check saw nothing it could judge.
enum class CheckVerdict { pass, fail, not_applicable };
std::string_view to_string(CheckVerdict verdict);

/// Whether a failed check is a finding that refuses a gate, or one that is only told.
enum class CheckSeverity { error, warn };
std::string_view to_string(CheckSeverity severity);

/// Fails on rows for which this SQL condition is true; null counts as not failed.
struct RowCondition {
  std::string fails;
};

/// Fails on every row whose key another row has too: no row order decides which one is to blame.
struct RepeatedKey {
  std::vector<std::string> columns;
  bool nulls_are_values = false;  ///< a null equals a null
};

/// Keys of another dataset that should be here and are not. No row here can fail for them, so the
/// keys themselves are kept. `select` gives for every key also missing, how often it lacks here,
/// and, by other_key_names(), the key as the other dataset has it; of such a key n may be 0.
struct KeysOnlyThere {
  std::string dataset;
  std::vector<bool> fits;     ///< by column: the other's value is one of this dataset's type
  bool is_tolerable = false;  ///< as rows are; groups must all be here
};

/// Fails on every row of a key about whose rows together something is wrong: of a group, or of
/// values that stand at the wrong place of an order. Rows that agree in the key share its verdict,
/// so row order never decides.
struct FailingKeys {
  std::vector<std::string> columns;  ///< a null equals a null
  /// SELECT over `rows` (stands behind FROM: the rows the check applies to) of the keys that do not
  /// pass, each once: as_keys() of `columns`; n, the rows of the key; fails, null where the key
  /// could not be judged.
  std::function<std::string(const std::string& rows)> select;
  std::string noun;  ///< "group": what a key is in "3 of 9 rows failed (1 group)"; empty: not told
  std::optional<KeysOnlyThere> only_there = {};
  bool spares_single_rows = false;  ///< no complete key of one row can fail
};

/// "a as key 0, b as key 1": names that hide no column of a dataset. `values` are SQL.
std::string as_keys(const std::vector<std::string>& values);
std::vector<std::string> key_names(std::size_t count);
std::vector<std::string> other_key_names(std::size_t count);

/// Fails on rows whose values are together in no row of a reference.
struct MissingReference {
  std::vector<std::string> values;      ///< SQL over the row
  std::string relation;                 ///< stands behind FROM
  std::vector<std::string> references;  ///< SQL over the relation, types as in `values`
  std::optional<Type> type = {};        ///< of a single value and its reference, if it is the same
};

/// Fails where a Lua check rule finds something, or raises.
struct RuleFinding {
  std::string rule;
  std::map<std::string, std::string> params;  ///< of the rule, by name
  bool sees_groups = false;                   ///< a group rule: judged before the scan
};

/// Judged by aggregates, not row by row.
struct WholeDataset {};

/// An aggregate over the rows a check applies to: sum("amount").
struct CheckAggregate {
  std::string function;  ///< empty: `argument` is a whole expression over aggregates
  std::string argument;  ///< SQL over the row; kFilter stands behind each call of an expression
};
/// Where the condition on rows goes in an expression over aggregates.
inline constexpr std::string_view kFilter = "{filter}";

/// What a check says of the values of one column, or of one number of the dataset, so that checks
/// nothing could pass together are refused before data is read.
struct CheckClaim {
  enum class Kind { has_value, is_null, range, length, in_set, not_in_set };
  std::string column;  ///< empty: about `number`
  Kind kind = Kind::has_value;
  std::vector<std::string> values = {};  ///< of a set: SQL literals
  /// Of a range, or of lengths in characters: SQL literals; empty: no end.
  std::string low = {};
  std::string high = {};
  bool low_is_in = true;
  bool high_is_in = true;
  std::string number = {};  ///< of the whole dataset: "number of rows", "sum of net"
};

/// What a check contributes to the one scan of its dataset, as SQL. A check never reads rows.
struct CheckPlan {
  /// Columns the question is about; reports and findings name them and show their values.
  std::vector<std::string> columns;
  /// A null in one of these makes the row not applicable.
  std::vector<std::string> needs;
  /// Rows where this SQL condition is not true are not applicable; empty: all rows are.
  std::string applies;
  std::variant<WholeDataset, RowCondition, RepeatedKey, FailingKeys, MissingReference, RuleFinding>
      fails;
  std::vector<CheckAggregate> aggregates;
  /// SELECT over `rows` (as of FailingKeys) of one row of what no scan can tell in passing; its
  /// cells follow those of `aggregates`.
  std::function<std::string(const std::string& rows)> pass;
  std::vector<std::string> outside;  ///< scalar SQL over other datasets
  std::string expected;              ///< completes "...; expected", e.g. "a value"
  std::vector<CheckClaim> claims;    ///< what the check says of single columns
};

/// What the scan measured for one check. Counts are exact.
struct CheckMeasures {
  std::int64_t rows = 0;  ///< of the dataset
  std::int64_t rows_checked = 0;
  std::int64_t rows_failed = 0;
  std::int64_t rows_warned = 0;                        ///< a rule's findings of severity warn
  std::int64_t rule_errors = 0;                        ///< of rows_failed: the rule raised
  std::int64_t failed_keys = 0;                        ///< of a RepeatedKey or FailingKeys
  std::int64_t missing = 0;                            ///< rows or groups of KeysOnlyThere
  std::vector<std::optional<std::string>> aggregates;  ///< in order of the plan; null: no row
  std::vector<std::optional<std::string>> outside;
  /// Of the declared amount, regardless of sign: its sum over the rows checked and over those that
  /// failed, in units of the column's scale.
  Int128 checked_amount = 0;
  Int128 failed_amount = 0;
  std::int64_t failed_without_amount = 0;  ///< failed rows whose amount is null
};

struct CheckJudgement {
  CheckVerdict verdict = CheckVerdict::not_applicable;
  std::string observed;  ///< "3 of 120 rows failed", "sum 10.00"
  std::string expected;  ///< empty: as planned
  /// A number that later periods are compared with: its name among the job's, its exact value.
  std::optional<std::pair<std::string, std::string>> measured = {};
};

/// One assertion about a dataset. It contributes SQL to the dataset's one fused scan and judges
/// what the scan measured.
class Check {
 public:
  virtual ~Check() = default;
  /// Workspace files the check reads; `tables/<name>.csv` also stands for dataset `<name>`.
  virtual std::vector<FileUse> files() const { return {}; }
  /// Whether it compares with earlier periods.
  virtual bool reads_history() const { return false; }
  /// Reports what does not fit the dataset to context.diagnostics(); the plan is unused then.
  virtual CheckPlan plan(CheckContext& context) = 0;
  /// For checks of the whole dataset; the others fail by their rows.
  virtual CheckJudgement judge(const CheckMeasures& measures) const;
  /// For checks of rows that also ask something of the whole: changes what the rows came to.
  virtual void amend(const CheckMeasures& measures, CheckJudgement& judgement) const;
};

/// A kind of check: its name in YAML, file stem, doc page and test file.
struct CheckType {
  std::string name;
  std::string summary;
  std::vector<OptionSpec> options;  ///< its own; see check_options() for all
  std::string main = {};            ///< the option that may stand alone; empty: none
  bool judges_rows = true;          ///< false: tolerances of rows mean nothing
  std::function<std::unique_ptr<Check>(const Options&)> make;
};

void register_all_checks(Registry<CheckType>& checks);
/// All of them, made once.
const Registry<CheckType>& check_types();

}  // namespace tallymill
