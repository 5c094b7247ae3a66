#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/money.h"
#include "datasets/engine.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// One row of a version's file, valid during the call that gives it.
class Row {
 public:
  Row(std::span<const Column> columns, std::span<const ColumnView> views, std::size_t row,
      std::string_view file, std::int64_t line)
      : columns_(columns), views_(views), row_(row), file_(file), line_(line) {}

  std::size_t size() const { return columns_.size(); }
  bool is_null(std::size_t column) const { return views_[column].is_null(row_); }
  std::string_view text(std::size_t column) const {
    return views_[column].as<StringRef>()[row_].view();
  }
  /// Of integers, money and decimals: units of 10^-scale.
  Int128 units(std::size_t column) const;
  /// Appends the value in row encoding v1 (docs/verify.md), by which digests are made.
  void encode(std::size_t column, std::string& bytes) const;
  /// Appends the value so that bytes compare as values do; no value comes last.
  void encode_in_order(std::size_t column, std::string& bytes) const;
  /// The value as DuckDB prints it; empty where there is none.
  std::optional<std::string> printed(std::size_t column) const;
  /// For people: "***" where the column is sensitive.
  std::string shown(std::size_t column) const;

  std::string_view file() const { return file_; }
  std::int64_t line() const { return line_; }  ///< in its file, the first is 1

 private:
  std::span<const Column> columns_;
  std::span<const ColumnView> views_;
  std::size_t row_;
  std::string_view file_;
  std::int64_t line_;
};

/// A number, date, timestamp or boolean as DuckDB prints it.
std::string plain_text(Int128 value, const Type& type);

/// What a version's manifest says of its rows.
struct RowShape {
  Schema schema;
  std::vector<std::string> files;  ///< names, in order
};

/// Throws Error(data) if the manifest is missing or no manifest.
json::object read_manifest(const std::filesystem::path& folder);
RowShape row_shape(const std::filesystem::path& folder);

/// SQL of all rows as the job's own SQL sees them: with their period and partition where the job
/// reads several.
std::string all_rows(const RecordedVersion& version);

/// Calls `take` with each row of the version, file by file, in no particular order within a file.
/// `columns` are those of the version that the row then has, in this order; `where`: an SQL
/// condition over what all_rows() has, empty for every row; `expressions`: SQL of columns that the
/// version does not have, by name. Throws Error(data) if a file cannot be read
/// so, naming it.
void read_rows(Engine& engine, const RecordedVersion& version, std::span<const Column> columns,
               const std::string& where, const std::function<void(const Row&)>& take,
               const std::map<std::string, std::string>& expressions = {});

/// A column that is an expression over a version's columns: integer or decimal of up to 18 digits.
/// Throws Error(data) if it is no such number.
Column computed_column(Engine& engine, const RecordedVersion& version, const std::string& name,
                       const std::string& expression);

/// All columns of a version: provenance last, if there is any.
std::vector<Column> stored_columns(const Schema& schema);
/// The columns of these names, as the version's schema has them. Throws Error(data) where one is
/// missing.
std::vector<Column> columns_named(const Schema& schema, std::span<const std::string> names,
                                  const std::string& dataset);

/// Numbers of `count` columns that follow each other.
std::vector<std::size_t> places(std::size_t from, std::size_t count);
/// A hash of the values of these columns of a row, equal for equal values.
Hash128 hash_of(const Row& row, std::span<const std::size_t> columns, std::string& buffer);
/// "cost_item C-01, org_code K0101".
std::string name_of(const Row& row, std::span<const Column> columns,
                    std::span<const std::size_t> which);

}  // namespace tallymill::verify
