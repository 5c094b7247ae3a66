#include "scheduler/why.h"

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/state_access.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_changes.h"
#include "scheduler/recorded_run.h"
#include "scheduler/rule_book.h"
#include "scheduler/state_folder.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

JobIndex job_of(const LiveRun& run, const std::string& name) {
  const auto index = run.find(name);
  std::vector<std::string> names;
  for (const JobNode& job : run.graph().jobs) names.push_back(job.spec.name);
  if (!index || run.node(*index).was_spread) require_partition(name, names);
  if (index) return *index;
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config, "graph '" + run.graph().name + "' has no job '" + name + "'" +
                                      (meant.empty() ? "" : "; " + meant));
}

Exit run_why(const Invocation& invocation) {
  const UnitCatalog catalog;
  const auto workspace =
      std::make_shared<const Workspace>(load_workspace_to_look(invocation, catalog));
  if (const auto exit = read_through_scheduler(invocation, *workspace)) return *exit;
  StoreView store = open_store(*workspace);
  const RunRecord record = store.find_run(invocation.text("RUN"));
  const auto pinned = pinned_workspace(workspace, catalog, store, record);
  const auto run = recorded_run(store, pinned->graphs.at(record.graph), record);
  const std::vector<WhyLink> chain = explain_job(
      *run, job_of(*run, job_run_of(invocation)),
      occupancy_of(*pinned, store, FileLock::is_held(StateFolder(pinned->state).lock())));
  const auto rules =
      rules_that_judged(store, record.id, run->node(job_of(*run, job_run_of(invocation))));
  if (invocation.json()) {
    json::array links;
    for (const WhyLink& link : chain) {
      json::object entry{{"job", link.job}, {"code", link.code}, {"sentence", link.sentence}};
      if (!link.changes.empty()) entry["changes"] = changes_json(link.changes);
      links.push_back(std::move(entry));
    }
    json::object object{{"run", record.id}, {"chain", std::move(links)}};
    if (!rules.empty()) object["rules"] = json::value_from(rules);
    invocation.out() << pretty_json(object);
    return Exit::ok;
  }
  std::string indent;
  for (const WhyLink& link : chain) {
    invocation.out() << indent << link.job << ": " << link.sentence << "  [" << link.code << "]\n";
    indent += "  ";
  }
  for (const auto& [rule, version] : rules)
    invocation.out() << "it asks rule " << rule << ", version " << short_version(version) << "\n";
  return Exit::ok;
}

}  // namespace

void register_why(Registry<Command>& commands) {
  commands.add({
      .name = "why",
      .summary = "Says why a job of a run is where it is, down to the first cause.",
      .example = "tallymill why cost_attribution user_cost",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."},
                    {"JOB", "A job of the run."}},
      .flags = {partition_flag("Of this partition; JOB may also be job[value]."), json_flag()},
      .run = run_why,
  });
}

}  // namespace tallymill
