#pragma once

#include <memory>
#include <string>
#include <vector>

#include "books/matching.h"
#include "core/time/calendar.h"
#include "jobs/job.h"

namespace tallymill {

/// The YAML of how far amounts may be apart: `abs`, `rel`, `bands`.
std::vector<OptionSpec> tolerance_options();
/// Reads it for amounts of `scale`, `param(name)` resolved; reports what does not fit.
books::Tolerance read_tolerance(JobContext& context, const Options& options, int scale);

/// The element of `compare:`.
OptionSpec compared_column_option();
/// The tables of equivalent values that `compare:` names.
std::vector<FileUse> compared_column_files(const Options& job);

/// The calendar named in option `calendar`, from its pinned file; null without one.
std::shared_ptr<const Calendar> read_job_calendar(JobContext& context, const Options& job);

/// One entry of `compare:` bound to a column of either side.
struct ComparedPair {
  books::ComparedColumn column;
  std::string left;  ///< SQL over a row of that side
  std::string right;
};
/// The entries of `compare:`. `left` and `right` are the columns of the sides' datasets; reports
/// what they do not have, types that do not compare and options that make no sense for a type.
std::vector<ComparedPair> read_compared_columns(JobContext& context, const Options& job,
                                                const std::string& left_dataset,
                                                const std::string& right_dataset);

}  // namespace tallymill
