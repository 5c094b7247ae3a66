#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/money.h"
#include "jobs/job.h"

namespace tallymill {

/// A side of a comparison, as `complete_when:` sees it.
struct SideAtHand {
  std::string relation;  ///< its rows, with all their columns
  std::string amount;    ///< SQL over them
  int scale = 0;
  bool has_currencies = false;  ///< amounts are of several: they have no sum
  std::string dataset;          ///< for messages about columns
};

/// The option `complete_when:`.
OptionSpec completeness_option();
/// The tables of expected values it names.
std::vector<FileUse> completeness_files(const Options& job);

/// Checks it against the sides, by name; reports what does not fit.
void plan_completeness(JobContext& context, const Options& job,
                       const std::map<std::string, SideAtHand>& sides);
/// What the sides lack, a sentence each; nothing where all is there.
std::vector<std::string> find_incomplete(JobContext& context, const Options& job,
                                         const std::map<std::string, SideAtHand>& sides);

}  // namespace tallymill
