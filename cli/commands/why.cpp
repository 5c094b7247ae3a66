#include "scheduler/why.h"

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/row_lineage.h"
#include "cli/sensitive_log.h"
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

std::pair<std::string, std::string> key_part(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(ErrorClass::config, "--key '" + text + "' is no COLUMN=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Of rows: which pools they are made of, or where they went.
Exit why_rows(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const auto partition = partition_of(invocation);
  const std::vector<VersionRecord> versions =
      visible_versions(store, invocation.text("dataset"), invocation.text("period"),
                       partition ? partition->value : "");
  LineageWanted wanted{.key = {},
                       .down = invocation.has("down"),
                       .limit = invocation.integer("limit", LineageWanted{}.limit),
                       .reveal = invocation.has("reveal")};
  for (const std::string& part : invocation.texts("key")) wanted.key.push_back(key_part(part));
  if (versions.size() > 1)
    throw Error(ErrorClass::config, "dataset '" + versions.front().dataset +
                                        "' is partitioned; say which with --partition");
  record_reveal(invocation, workspace,
                {.dataset = versions.front().dataset,
                 .period = versions.front().period,
                 .versions = {versions.front().id}});
  const json::object lineage = row_lineage(workspace, store, versions.front(), wanted);
  if (invocation.json())
    invocation.out() << pretty_json(lineage);
  else
    print_lineage(lineage, invocation.out());
  return Exit::ok;
}

Exit run_why(const Invocation& invocation) {
  if (invocation.has("dataset")) return why_rows(invocation);
  if (!invocation.has("JOB"))
    throw Error(ErrorClass::config,
                "why needs RUN and JOB, or --dataset and --key; see 'tallymill why --help'");
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

std::vector<Flag> why_flags() {
  std::vector<Flag> flags{
      partition_flag("Of this partition; JOB may also be job[value]."),
      {.name = "dataset", .value = "NAME", .summary = "Ask about rows of this dataset instead."},
      {.name = "key",
       .value = "COLUMN=VALUE",
       .summary = "Rows with this value; may be given for several columns.",
       .repeated = true},
      {.name = "down", .summary = "Where the rows went, not where they are from."},
      {.name = "period", .value = "PERIOD", .summary = "Of the dataset; default its newest one."},
      {.name = "limit",
       .value = "N",
       .summary = "Rows shown under each row; 0 for all, default 20."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  flags.push_back(json_flag());
  return flags;
}

}  // namespace

void register_why(Registry<Command>& commands) {
  commands.add({
      .name = "why",
      .summary =
          "Says why a job of a run is where it is, or of which pools an allocated row is made.",
      .example = "tallymill why cost_attribution user_cost",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one.", false},
                    {"JOB", "A job of the run.", false}},
      .flags = why_flags(),
      .run = run_why,
  });
}

}  // namespace tallymill
