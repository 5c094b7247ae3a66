#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/stale.h"

namespace tallymill {
namespace {

/// Enough to tell versions apart; --json has all of it.
constexpr std::size_t kShortDigest = 8;

std::string short_digest(const std::string& digest) {
  return digest.size() <= kShortDigest ? digest : digest.substr(digest.size() - kShortDigest);
}

std::string gate_words(GateState state) {
  return state == GateState::none ? "" : std::string(to_string(state));
}

json::object version_json(StoreView& store, StaleFinder& stale, const VersionRecord& version) {
  json::object amounts;
  for (const auto& [column, sum] : version.amounts) amounts.emplace(column, sum);
  return {{"dataset", version.dataset},
          {"period", version.period},
          {"partition", version.partition},
          {"version", version.id},
          {"graph", version.graph},
          {"job", version.job},
          {"run", version.run},
          {"evidence", version.evidence},
          {"visible", version.visible},
          {"removed", version.removed},
          {"gate", json::string(to_string(store.gate_state(version)))},
          {"stale", version.visible ? stale.cause(version) : ""},
          {"rows", version.rows},
          {"amounts", std::move(amounts)},
          {"digest", version.digest},
          {"provenance", version.provenance},
          {"published_at", version.published_at}};
}

/// Visible versions of everything; evidence without rows says nothing and is left out.
std::string list_text(StoreView& store, const std::vector<VersionRecord>& versions) {
  TextTable table({{"dataset"},
                   {"period"},
                   {"partition"},
                   {"rows", true},
                   {"amounts"},
                   {"gate"},
                   {"digest"},
                   {"made by"},
                   {"note"}});
  StaleFinder stale(store);
  for (const VersionRecord& version : versions) {
    if (version.evidence && version.rows == 0) continue;
    table.add({version.dataset, version.period, version.partition, group_digits(version.rows),
               version.evidence ? "" : amounts_text(version.amounts),
               gate_words(store.gate_state(version)), short_digest(version.digest), version.run,
               stale.cause(version).empty() ? "" : "stale"});
  }
  return table.empty() ? "no dataset has been published yet\n" : table.text();
}

std::string state_word(const VersionRecord& version) {
  return version.visible ? "visible" : version.removed ? "removed" : "superseded";
}

std::string history_text(StoreView& store, const std::vector<VersionRecord>& versions) {
  TextTable table({{"period"},
                   {"partition"},
                   {"version"},
                   {"state"},
                   {"gate"},
                   {"rows", true},
                   {"amounts"},
                   {"digest"},
                   {"published (UTC)"},
                   {"note"}});
  StaleFinder stale(store);
  for (const VersionRecord& version : versions)
    table.add({version.period, version.partition, version.id, state_word(version),
               gate_words(store.gate_state(version)), group_digits(version.rows),
               amounts_text(version.amounts), short_digest(version.digest), version.published_at,
               version.visible ? stale.cause(version) : ""});
  return table.text();
}

[[noreturn]] void throw_unknown(StoreView& store, const Workspace& workspace,
                                const std::string& name) {
  if (const auto info = workspace.datasets.find(name); info != workspace.datasets.end())
    throw Error(ErrorClass::config, "dataset '" + name +
                                        "' has not been made yet; 'tallymill run " +
                                        info->second.graph + " --period PERIOD' makes it");
  std::vector<std::string> names;
  for (const auto& entry : workspace.datasets) names.push_back(entry.first);
  for (const VersionRecord& version : store.versions("")) names.push_back(version.dataset);
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config, "there is no dataset '" + name + "'; " +
                                      (meant.empty() ? "'tallymill datasets' lists them" : meant));
}

Exit run_datasets(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (const auto exit = read_through_scheduler(invocation, workspace)) return *exit;
  StoreView store = open_store(workspace);
  const std::string name = invocation.text("DATASET");
  const std::vector<VersionRecord> versions = store.versions(name);
  if (!name.empty() && versions.empty()) throw_unknown(store, workspace, name);
  if (invocation.json()) {
    json::array list;
    StaleFinder stale(store);
    for (const VersionRecord& version : versions)
      list.push_back(version_json(store, stale, version));
    invocation.out() << pretty_json(json::object{{"versions", std::move(list)}});
  } else {
    invocation.out() << (name.empty() ? list_text(store, versions) : history_text(store, versions));
  }
  return Exit::ok;
}

}  // namespace

void register_datasets(Registry<Command>& commands) {
  commands.add({
      .name = "datasets",
      .summary = "Lists the visible version of every dataset, or all versions of one.",
      .example = "tallymill datasets user_cost",
      .arguments = {{.name = "DATASET", .summary = "A dataset.", .required = false}},
      .flags = {json_flag()},
      .run = run_datasets,
  });
}

}  // namespace tallymill
