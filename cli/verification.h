#pragma once

#include <set>
#include <string>

#include "cli/standing_results.h"
#include "core/json.h"
#include "core/task.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Recomputes, in workers, what the jobs of a run published. What the jobs did is taken from the
/// journal, whose chain is walked first; what they were asked from their attempts.
class Verification {
 public:
  /// All outlive it. Walks the whole journal.
  Verification(const Workspace& workspace, StoreView& store, const RunRecord& run);

  /// {"whole", "events", "head", "problem"} of the journal.
  const json::object& journal() const { return journal_; }

  /// The job's part of the certificate: {"job", "type", "made_by", "same_result", "state", "why",
  /// "inputs", "made", "proof"}. State: verified, broken, left_out (what it takes is no longer
  /// kept), nothing (it published nothing). Same result: an attempt did the work anew and left the
  /// versions of the run that made them.
  json::object verify(const JobRunRecord& job, bool with_certificate);

 private:
  /// Versions of the job, with the folders they lie in. Empty and `why` where one is gone.
  json::array made_by(const std::string& job, const StandingResult& stands, std::string& why);
  Task question_about(Task asked, const json::array& made, const json::object& result,
                      json::object report, bool with_certificate);

  const Workspace& workspace_;
  StoreView& store_;
  const RunRecord& run_;
  json::object journal_;
  StandingResults results_;
  std::set<std::string> looked_at_;  ///< folders whose content was verified
};

}  // namespace tallymill
