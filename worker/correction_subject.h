#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/value_parser.h"
#include "core/correction.h"
#include "jobs/job.h"

namespace tallymill {

/// The rows that left a job, as people may correct them. The question names {"job", "type",
/// "rejects", "from", "job_spec"}: the dataset of the rows that left and, unless the job is an
/// extract, the one they came from, both among the query's inputs. Of a reconcile job "rejects" is
/// the dataset of its open breaks, and what may be written are words about them.
struct CorrectionSubject {
  /// A column that may be corrected.
  struct Field {
    Column column;
    ValueParser parser;
  };
  std::vector<std::string> place;  ///< see place_columns()
  std::vector<Field> fields;
  std::vector<Column> shown;  ///< columns that people look at and leave as they are
  /// Stands behind FROM: p0.. the place, `digest`, `reasons`, `message`, `original` (of an extract:
  /// the record as its source has it), then s0.. the shown columns and v0.. the fields as texts,
  /// those of an extract null.
  std::string relation;
  /// Whether the fields of the relation hold what the job read. A record may be none, so an
  /// extract's are empty, and there an empty cell says nothing.
  bool has_values = true;
  bool hides_original = false;  ///< `original` is sensitive
  std::int64_t lost = 0;        ///< rows that left and are not found in what the job read
  bool is_breaks = false;

  /// What people call them, as a noun and as the command that writes the sheet.
  std::string name() const { return is_breaks ? "breaks" : "rejects"; }
};

/// Reads the question; problems go to context.diagnostics().
CorrectionSubject correction_subject(JobContext& context);

/// What people have said of the rows already and stands, by their places as the subject has them.
/// Of breaks nothing: it stands in their fields.
std::map<std::vector<std::string>, Correction> standing_corrections(
    JobContext& context, const CorrectionSubject& subject);

/// The `_version` of a line: the attempt that turned the row away, and which word about it whoever
/// has the sheet has seen. Without one it is the attempt alone.
std::string line_version(const std::string& attempt, const Correction& seen);

// Columns of a sheet beside those of the rows.
inline constexpr const char* kSheetVersion = "_version";
inline constexpr const char* kSheetDigest = "_digest";
inline constexpr const char* kSheetReasons = "_reasons";
inline constexpr const char* kSheetMessage = "_message";
inline constexpr const char* kSheetOriginal = "_original";
/// "_at_source": the sheet's column for a column of the place.
std::string sheet_place(const std::string& column);
/// "_difference": the same for a column that is shown.
std::string sheet_shown(const std::string& column);

/// A cell that says there is no value, where an empty one says nothing.
inline constexpr const char* kNoValue = "(none)";

}  // namespace tallymill
