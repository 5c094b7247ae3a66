#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/correction.h"
#include "jobs/cleanse_flow.h"

namespace tallymill {

/// What became of a correction.
inline constexpr const char* kCorrectionApplied = "applied";
inline constexpr const char* kNoSuchRow = "no_such_row";   ///< nothing stands at its place
inline constexpr const char* kRowChanged = "row_changed";  ///< not the row the person saw
inline constexpr const char* kNoSuchColumn = "no_such_column";
inline constexpr const char* kDoesNotFit = "does_not_fit";  ///< no value of the column's type

/// What a cleanse calls the step that puts corrected cells in.
inline constexpr const char* kCorrectionsStep = "corrections";

/// The columns a row is known by to those who correct it: provenance, else the key; empty: rows
/// of this schema cannot be told apart.
std::vector<std::string> place_columns(const Schema& schema);

/// SQL over a row with the columns of `schema`: the digest that a Correction holds of it.
std::string row_digest_sql(const Schema& schema);

/// The digest of a record as its source has it, for rows that never became any.
std::string record_digest(const std::string& original);
/// The same as SQL over a text.
std::string record_digest_sql(const std::string& text);

/// What people have said about rows of this attempt's job, as the run pinned it.
std::vector<Correction> corrections_of(JobContext& context);

/// Schema of `<job>.corrections`: `place` columns, then column, before, value and outcome; one row
/// for each cell that somebody corrected. `sensitive`: its values may not be shown.
Schema corrections_schema(const std::vector<std::string>& place, bool sensitive);

/// Corrections of rows that come from a dataset. Nobody corrects in place: the rows that a job
/// reads are made anew, and what was said is evidence of the job.
class RowCorrections {
 public:
  /// Keeps the corrections that are pinned, if any, in a temporary table of the engine.
  RowCorrections(JobContext& context, const Schema& input, std::string relation);

  bool empty() const { return corrections_.empty(); }
  /// Schema of the evidence.
  Schema evidence_schema() const;
  /// Puts the corrected cells into the flow, as a step of its own.
  void apply(CleanseFlow& flow) const;
  /// Stages `<job>.corrections` and tells in the report and the log what became of them.
  void stage(JobContext& context) const;

 private:
  /// A column that some correction writes, and its number in the table.
  struct Written {
    const Column* column;
    std::string value;  ///< of the table: typed value, its text, and whether it was given
    std::string text;
    std::string given;
  };

  void make_table(JobContext& context);
  std::string values_of(const Correction& correction) const;
  std::string condition(const std::string& row) const;
  std::string evidence_select() const;

  const Schema& input_;
  std::string relation_;
  std::string table_ = "tm_corrections";
  std::vector<std::string> place_;
  std::vector<Correction> corrections_;
  std::vector<Written> written_;
};

/// Counts by outcome, for the report; warns in the log of those that came to nothing.
void report_corrections(JobContext& context, const std::string& outcomes_select);

}  // namespace tallymill
