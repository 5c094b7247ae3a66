#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/money.h"
#include "core/options.h"
#include "core/yaml.h"

namespace tallymill {

enum class TypeKind { text, integer, money, decimal, ratio, date, timestamp, boolean, enumeration };

/// The type of a column. Money is whole minor units with the currency's scale; a decimal is an
/// exact scaled integer; a ratio is DECIMAL(18,9). No type is ever a double.
struct Type {
  TypeKind kind = TypeKind::text;
  int precision = 0;                ///< decimal kinds: total digits
  int scale = 0;                    ///< decimal kinds: digits behind the point
  std::vector<std::string> values;  ///< enumeration

  static Type text() { return {}; }
  static Type integer() { return {TypeKind::integer, 0, 0, {}}; }
  static Type money(int scale) { return {TypeKind::money, 18, scale, {}}; }
  static Type decimal(int precision, int scale) {
    return {TypeKind::decimal, precision, scale, {}};
  }
  static Type ratio() { return {TypeKind::ratio, 18, 9, {}}; }
  static Type date() { return {TypeKind::date, 0, 0, {}}; }
  static Type timestamp() { return {TypeKind::timestamp, 0, 0, {}}; }
  static Type boolean() { return {TypeKind::boolean, 0, 0, {}}; }

  /// DuckDB's type: VARCHAR, BIGINT, DECIMAL(18,2), DECIMAL(p,s), DECIMAL(18,9), DATE, TIMESTAMP,
  /// BOOLEAN; an enumeration is a VARCHAR whose values were checked.
  std::string sql() const;
  /// As a user writes it: "text", "money", "decimal(12,4)", "enum(a, b)".
  std::string name() const;
  bool is_decimal() const;  ///< money, decimal or ratio
  /// True for kinds whose column sums the ledger may balance: integer, money, decimal.
  bool is_summable() const;

  friend bool operator==(const Type&, const Type&) = default;
};

struct Column {
  std::string name;
  Type type = {};
  bool required = false;   ///< null is a defect
  bool sensitive = false;  ///< masked in every message, log, sample and report

  friend bool operator==(const Column&, const Column&) = default;
};

/// Names of the provenance columns that row-keeping jobs pass through; never business columns.
inline constexpr std::string_view kSourceColumn = "_source";
inline constexpr std::string_view kLineColumn = "_line";
bool is_provenance(std::string_view column);

/// What messages, samples, reports and `show` print for a value of a sensitive column.
inline constexpr std::string_view kMaskedValue = "***";

/// A dataset's business columns in order, and its key.
struct Schema {
  std::vector<Column> columns;
  std::vector<std::string> key;
  bool has_provenance = false;  ///< rows also carry _source VARCHAR, _line BIGINT

  const Column* find(std::string_view name) const;
  std::vector<std::string> names() const;
  /// All columns a version stores: provenance last, if there is any.
  std::vector<Column> stored_columns() const;
  std::vector<std::string> stored_names() const;
  /// _source and _line, or nothing.
  std::vector<Column> provenance_columns() const;

  json::object to_json() const;
  static Schema from_json(const json::object& object);
  friend bool operator==(const Schema&, const Schema&) = default;
};

/// Reads a type word: text, integer, money, decimal(p,s), ratio, date, timestamp, boolean;
/// `enum` needs `values` and is read by parse_column. Empty if it is none of them.
std::optional<Type> type_from_word(std::string_view word, int currency_scale);

/// The keys of a column's long form, `{ type:, required:, ... }`, beside the caller's own.
std::vector<OptionSpec> column_options(const std::vector<OptionSpec>& also_allowed = {});

/// The spec of a `columns:` mapping's values, for a job's option list: a type word or a mapping.
/// Keys in `also_allowed` are the caller's.
OptionSpec column_option(const std::vector<OptionSpec>& also_allowed = {});

/// Reads one entry of a `columns:` mapping, `name: money` or `name: { type:, required:, ... }`.
/// Keys in `also_allowed` are the caller's. Reports problems (not again those that validation by
/// column_option() reported at the same place) and returns a text column then.
Column parse_column(std::string name, YamlNode node, int currency_scale, Diagnostics& diagnostics,
                    const std::vector<OptionSpec>& also_allowed = {});

}  // namespace tallymill
