#pragma once

#include <string>
#include <string_view>

namespace tallymill {

/// What a job run is called within its run: its job's name, and of a partitioned job also the
/// partition: `clean`, `clean[beijing]`. Job names are identifiers, so the two cannot be confused.
struct JobName {
  std::string_view job;
  std::string_view partition;  ///< empty: none
};

/// Views into `name`.
JobName split_job_name(std::string_view name);
std::string job_name(std::string_view job, std::string_view partition);

}  // namespace tallymill
