#pragma once

#include <string>
#include <vector>

#include "cli/dataset_query.h"

namespace tallymill {

/// What is still open of the rows a job turned away, by period and partition.
struct OpenRejects {
  std::string period;
  std::string partition;
  std::int64_t rows = 0;
  std::string since;            ///< when a version of the period first had some
  std::int64_t days = 0;        ///< since then
  std::int64_t corrected = 0;   ///< rows corrected since the visible version was made
  std::string last_correction;  ///< who and when; empty: nobody
};

/// Of the visible versions, oldest first.
std::vector<OpenRejects> open_rejects(StoreView& store, const std::string& job);
/// As a table with a closing line, or JSON.
void print_open_rejects(const std::vector<OpenRejects>& open, const Invocation& invocation);

/// Rejects of all periods, by the columns `by`: who turns up again and again.
RowAnswer count_rejects(const Workspace& workspace, StoreView& store, const std::string& job,
                        const std::vector<std::string>& by, const RowQuery& query);

}  // namespace tallymill
