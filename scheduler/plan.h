#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time/period.h"
#include "scheduler/graph.h"

namespace tallymill {

/// What a run would do with one job, and the stable reason code for it.
struct PlanEntry {
  JobIndex job = 0;
  std::string action =
      "run";              ///< run, reuse, look, depends, skip, ask, wait, blocked: see plan_judge.h
  std::string reason;     ///< a stable code, or what is waited for; may be empty
  std::string code = {};  ///< of a rerun: see rerun_plan.h
};

/// Judges a job; the control plane knows what is up to date.
using PlanJudge = std::function<PlanEntry(JobIndex job)>;

/// A run of `graph` for `period` before it starts: every job in the order of Graph::order.
struct Plan {
  std::shared_ptr<const Graph> graph;
  Period period;
  std::vector<PlanEntry> entries;
};

/// Without a judge every job runs. Throws Error(config) if `period` is not of the graph's kind.
Plan make_plan(std::shared_ptr<const Graph> graph, const Period& period,
               const PlanJudge& judge = {});

/// What job `job` waits for within its graph, each once and in order: "gl", "sound (gate of
/// gl_clean)".
std::vector<std::string> waits_for(const Graph& graph, JobIndex job);

/// A heading and a table for people.
std::string plan_text(const Plan& plan);
/// {"graph","period","jobs":[{"job","type","waits_for":[{"job","kind","dataset"}],"action",
/// "reason"}]}.
json::object plan_json(const Plan& plan);

}  // namespace tallymill
