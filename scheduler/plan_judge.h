#pragma once

#include <memory>

#include "core/time/period.h"
#include "scheduler/live_run.h"
#include "scheduler/pinned_files.h"
#include "scheduler/plan.h"
#include "scheduler/run_request.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a run started now would do with each job, by what the store knows. make_plan() asks in
/// running order, so what a job's makers will do is known when the job is judged. Actions:
///
///     run      no_result (none yet), rule_changed (another version counts), changed (spec,
///              params, tables or inputs), reads_as_of, version_missing, awaits_list (once per
///              partition that its list will name)
///     reuse    same_fingerprint
///     look     source_may_differ: a worker looks at the source and reads it only if it changed
///     depends  input_may_differ: runs only if what it reads comes out different; when: its rule or
///              condition decides when the jobs before it have ended
///     skip     condition_false, behind_skipped, input_skipped
///     ask      approval_missing: a person is asked, in every run anew
///     wait     and what for; blocked: and why
///
/// The judge keeps `workspace` by reference. Nothing is written. `params`: what the run would be
/// started with, by default the graph's own; `files`: hash_files() of the graph, where many periods
/// are judged.
PlanJudge judge_by_store(const Workspace& workspace, const std::shared_ptr<const Graph>& graph,
                         const Period& period, StoreView view,
                         const std::map<std::string, TaskParam>& params = {},
                         std::shared_ptr<const PinnedFiles> files = {},
                         RulesOf rules = RulesOf::period);

/// A run that is not started: it has no id, so the store knows no pins of it.
LiveRun imagined_run(const std::shared_ptr<const Graph>& graph, const Period& period,
                     const std::map<std::string, TaskParam>& params = {});

/// The same where nothing was ever run: there is no store to ask.
PlanJudge judge_without_store(const Workspace& workspace, std::shared_ptr<const Graph> graph,
                              const Period& period);

/// The hashes a run of the graph would pin, without keeping the contents.
PinnedFiles hash_files(const Workspace& workspace, const Graph& graph,
                       const TextsInstead& instead = {});

}  // namespace tallymill
