#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/check_sql.h"

namespace tallymill {

/// Columns that a finding has besides those of its row.
inline constexpr std::string_view kCheckColumn = "_check";
inline constexpr std::string_view kSeverityColumn = "_severity";
inline constexpr std::string_view kCodeColumn = "_code";
inline constexpr std::string_view kMessageColumn = "_message";
/// The code of what only the other dataset of a comparison has.
inline constexpr std::string_view kMissingCode = "missing_here";

/// Columns that a rejected row has besides its own, as other jobs' rejects have them.
inline constexpr std::string_view kRejectColumns[] = {"_reason", "_reasons", "_rule", "_message"};

/// The schema of the rows of a dataset that checks rejected.
Schema check_rejects_schema(const Schema& dataset);

/// The schema of the findings about rows of a dataset.
Schema findings_schema(const Schema& dataset);

/// The second scan: keeps every row that fails a check, once, with what it failed.
class FindingsSql {
 public:
  /// `failed`: the checks that some row fails, or is warned of; the others are not asked again.
  FindingsSql(const CheckSql& sql, const Schema& schema, std::vector<bool> failed);

  /// Makes the temporary table of failing rows that all the others read; two statements.
  std::string keep() const;
  /// SELECT of one row: failing rows; those that are rejected; of the others those with a finding
  /// of severity error; then for each failed check its failing and its warned rows.
  std::string count() const;
  /// SELECT with the columns of findings_schema(), and provenance: one row for each finding.
  std::string findings() const;
  /// SELECT with the columns of check_rejects_schema(), and provenance: each row that a rejecting
  /// check fails, once, with the first reason in suite order and with all. Empty if none does.
  std::string rejects() const;
  /// SELECT of the dataset's other rows: columns and provenance.
  std::string rest() const;
  /// SELECT, in order, of check, value and rows: each check's most frequent failing values; of a
  /// rule: its codes. Ties go to the smaller text. Empty if there is nothing to show.
  std::string top_values(int limit) const;

 private:
  /// Where a failed check's answers stand: bits of one of the words of a row that is kept.
  struct Place {
    std::size_t word = 0;
    std::int64_t fails = 0;
    std::int64_t warns = 0;  ///< of a rule; 0: none
  };

  std::vector<std::size_t> checks_in(std::size_t word) const;
  std::string fails(std::size_t check) const;
  std::string warns(std::size_t check) const;
  std::string asked(const std::vector<std::size_t>& checks, bool with_warnings) const;
  std::string findings_of(std::size_t word) const;
  std::string missing_of(std::size_t check, const KeysOnlyThere& there) const;
  std::string message(std::size_t check) const;
  std::vector<std::size_t> rejecting() const;
  std::string counted_value(std::size_t check) const;
  std::string top_values_in(std::size_t word, int limit) const;
  std::string top_values_of(std::size_t check, int limit) const;

  const CheckSql& sql_;
  const Schema& schema_;
  std::vector<bool> failed_;
  std::vector<Place> places_;  ///< by check
  std::size_t words_ = 0;
};

/// SELECT of the first row on which the rule of `check` raised, by provenance or key: where it is
/// and what the rule said.
std::string first_rule_error(const CheckSql& sql, const Schema& schema, std::size_t check);

}  // namespace tallymill
