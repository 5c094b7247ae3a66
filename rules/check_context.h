#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/yaml.h"
#include "datasets/engine.h"
#include "datasets/type.h"
#include "rules/history.h"
#include "rules/rule_runtime.h"

namespace tallymill {

/// What a check may ask about its dataset and the surroundings while it plans. A question that has
/// no answer is reported to diagnostics() at the place given, and answered with nothing.
class CheckContext {
 public:
  /// A dataset or table that rows are compared with.
  struct Reference {
    std::string name;
    std::string relation;  ///< stands behind FROM
    std::vector<Column> columns;
    bool is_table = false;  ///< tables/<name>.csv: every value is text
  };

  virtual ~CheckContext() = default;

  virtual const Schema& schema() const = 0;
  virtual Engine& engine() = 0;
  virtual Diagnostics& diagnostics() = 0;
  /// The instant pinned by the run, in microseconds since 1970 (UTC); no check reads the clock.
  virtual std::int64_t as_of() const = 0;

  /// `text` with param(name) and ${...} replaced.
  virtual std::optional<std::string> expand(const std::string& text,
                                            const SourcePosition& where) = 0;
  /// User SQL over the dataset's columns with its parameters bound, if it is a condition.
  virtual std::optional<std::string> condition(const std::string& sql,
                                               const SourcePosition& where) = 0;
  virtual std::optional<Reference> reference(const std::string& name,
                                             const SourcePosition& where) = 0;
  /// What is judged is of this period; empty where none is: while a graph is validated.
  virtual std::optional<Period> period() const { return std::nullopt; }
  /// Its kind, also then.
  virtual std::optional<PeriodKind> period_kind() const { return std::nullopt; }
  /// What this job measured under that name in earlier periods, as the run pinned it.
  virtual MeasureHistory past(const std::string&) { return {}; }
  virtual const RuleInfo* rule(const std::string& name, const SourcePosition& where) = 0;
  virtual RuleRuntime& rules() = 0;

  /// The dataset's column, or null after reporting it with the nearest name.
  const Column* column(const std::string& name, const SourcePosition& where);
  /// The same for a column of a reference.
  const Column* column(const Reference& reference, const std::string& name,
                       const SourcePosition& where);
};

/// A value of a graph file as a column's type has it.
struct CheckValue {
  std::string sql;    ///< a literal with its type
  std::string shown;  ///< for people: 'open', 12.30, 2026-01-31
};

/// Reads `node` strictly by the column's type; a text that is none is reported with what the
/// column takes. `what` names it: "option 'min'".
std::optional<CheckValue> check_value(CheckContext& context, YamlNode node, const Column& column,
                                      const std::string& what);

/// The elements of option 'values', read as a column has them.
struct ListedValues {
  std::vector<std::string> literals;  ///< SQL
  std::string shown;                  ///< the first few, for people
};
ListedValues listed_values(CheckContext& context, const std::vector<YamlNode>& nodes,
                           const Column& column);
/// SQL: `cell` is one of these literals; null where it is null.
std::string is_one_of(const std::string& cell, const std::vector<std::string>& literals);

/// Splits "org.org_code" at its last point into a reference and a column; reports anything else.
struct ReferenceName {
  std::string reference;
  std::string column;
};
std::optional<ReferenceName> split_reference(const std::string& text);

}  // namespace tallymill
