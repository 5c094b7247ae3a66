#pragma once

#include <map>
#include <set>
#include <string>

#include "scheduler/rerun_plan.h"

namespace tallymill {

/// Why a job is part of a rerun: a stable code, and words for people.
struct ChoiceReason {
  std::string code;
  std::string text;
};

/// The jobs a rerun is about.
struct RerunChoice {
  std::map<JobIndex, ChoiceReason> reasons;  ///< an empty code: the judge's reason stands
  std::set<JobIndex> forced;                 ///< run even if up to date
};

/// What `selection` chooses among the jobs of run `of`. Throws Error(config) if that is nothing.
RerunChoice choose_jobs(const Graph& graph, StoreView& view, const RunRecord& of,
                        const RerunSelection& selection);

}  // namespace tallymill
