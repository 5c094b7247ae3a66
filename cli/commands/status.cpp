#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/run_report.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "cli/text_table.h"
#include "core/files.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/recorded_run.h"
#include "scheduler/stale.h"
#include "scheduler/state_folder.h"
#include "scheduler/writer_lock.h"

namespace tallymill {
namespace {

constexpr int kShownRuns = 10;

/// Whether a process works on the state right now.
bool is_busy(const Workspace& workspace) {
  return FileLock::is_held(StateFolder(workspace.state).lock());
}

/// What an open run does: it runs, waits for input, or was left in the middle by a killed process.
std::string open_words(StoreView& store, const RunRecord& run, bool busy) {
  if (busy) return "running";
  return store.waits_for_input(run.id) ? sentence_of(RunVerdict::waiting) : "left in the middle";
}

std::string run_words(StoreView& store, const RunRecord& run, bool busy) {
  if (run.state == RunState::paused) return "paused";
  if (run.state != RunState::ended) return open_words(store, run, busy);
  if (run.verdict == "given_up") return "given up";
  if (run.verdict == "taken_over") return "taken over";
  return sentence_of(recorded_verdict(run));
}

/// What a graph and period show and what has been replaced below it, by dataset: "it was made
/// from ...".
std::map<std::string, std::string> stale_datasets(StoreView& store, StaleFinder& finder,
                                                  const RunRecord& record) {
  std::map<std::string, std::string> stale;
  for (const VersionRecord& version : store.visible_of(record.graph, record.period))
    if (!version.evidence)
      if (const std::string& cause = finder.cause(version); !cause.empty())
        stale.emplace(version.dataset, cause);
  return stale;
}

/// By run, what is stale of the results that stand: those of the newest run of each graph and
/// period.
std::map<std::string, std::vector<std::string>> stale_by_run(StoreView& store,
                                                             const std::vector<RunRecord>& runs) {
  StaleFinder finder(store);
  std::map<std::string, std::vector<std::string>> stale;
  std::set<std::pair<std::string, std::string>> seen;
  for (const RunRecord& run : runs) {
    if (!seen.emplace(run.graph, run.period).second) continue;
    for (const auto& [dataset, cause] : stale_datasets(store, finder, run))
      stale[run.id].push_back(dataset);
  }
  return stale;
}

/// "'debts' is stale", "3 datasets are stale: balances, debts, ...".
std::string stale_words(const std::vector<std::string>& datasets) {
  constexpr std::size_t kNamed = 3;
  if (datasets.empty()) return {};
  if (datasets.size() == 1) return "'" + datasets[0] + "' is stale";
  const std::span<const std::string> first(datasets.data(), std::min(datasets.size(), kNamed));
  return std::to_string(datasets.size()) + " datasets are stale: " + join(first, ", ") +
         (datasets.size() > kNamed ? ", ..." : "");
}

json::object run_entry(StoreView& store, const RunRecord& run, bool busy,
                       const std::vector<std::string>& stale) {
  return {{"run", run.id},
          {"graph", run.graph},
          {"period", run.period},
          {"of", run.of},
          {"state", json::string(to_string(run.state))},
          {"verdict", run.verdict},
          {"words", run_words(store, run, busy)},
          {"who", run.who},
          {"started_at", run.started_at},
          {"ended_at", run.ended_at},
          {"stale", json::array(stale.begin(), stale.end())}};
}

/// To the second: enough for people.
std::string clock_text(const std::string& instant) {
  return instant.size() < 19 ? instant : instant.substr(0, 10) + " " + instant.substr(11, 8);
}

Exit list_runs(const Invocation& invocation, const Workspace& workspace, StoreView& store) {
  const bool busy = is_busy(workspace);
  const std::vector<RunRecord> runs = store.runs("", kShownRuns);
  auto stale = stale_by_run(store, runs);
  if (invocation.json()) {
    json::array list;
    for (const RunRecord& run : runs) list.push_back(run_entry(store, run, busy, stale[run.id]));
    invocation.out() << pretty_json(json::object{{"busy", busy}, {"runs", std::move(list)}});
    return Exit::ok;
  }
  if (busy) invocation.out() << "at work: " << lock_holder(StateFolder(workspace.state)) << "\n";
  TextTable table(
      {{"run"}, {"state"}, {"started (UTC)"}, {"time", true}, {"by"}, {"rerun of"}, {"note"}});
  for (const RunRecord& run : runs)
    table.add({run.id, run_words(store, run, busy), clock_text(run.started_at),
               time_between(run.started_at, run.ended_at), run.who, run.of,
               stale_words(stale[run.id])});
  invocation.out() << table.text();
  return Exit::ok;
}

std::string stale_text(StoreView& store, const RunRecord& record) {
  std::string text;
  StaleFinder finder(store);
  for (const auto& [dataset, cause] : stale_datasets(store, finder, record))
    text += "  '" + dataset + "' is stale: " + cause + "\n";
  return text.empty() ? text
                      : "\n" + text + "  to mend it: tallymill rerun " + record.id +
                            ", or rerun what it reads with --cascade\n";
}

Exit show_run(const Invocation& invocation, const UnitCatalog& catalog,
              const std::shared_ptr<const Workspace>& workspace, StoreView& store) {
  const RunRecord record = store.find_run(invocation.text("RUN"));
  const bool busy = is_busy(*workspace);
  const auto pinned = pinned_workspace(workspace, catalog, store, record);
  const auto run = recorded_run(store, pinned->graphs.at(record.graph), record);
  if (invocation.json()) {
    json::object object = run_json(*run, recorded_verdict(record));
    object["state"] = json::string(to_string(record.state));
    object["words"] = run_words(store, record, busy);
    json::array stale;
    StaleFinder finder(store);
    for (const auto& [dataset, cause] : stale_datasets(store, finder, record))
      stale.push_back({{"dataset", dataset}, {"cause", cause}});
    object["stale"] = std::move(stale);
    invocation.out() << pretty_json(object);
    return Exit::ok;
  }
  const std::string time = time_between(record.started_at, record.ended_at);
  invocation.out() << record.graph << " " << record.period << ", run " << record.id << ": "
                   << run_words(store, record, busy) << (time.empty() ? "" : " in " + time) << "\n"
                   << job_table(*run) << failures_text(*run) << next_steps(*run)
                   << stale_text(store, record);
  if (record.state != RunState::ended && !busy)
    invocation.out() << "\nto go on: tallymill run " << record.graph << " --period "
                     << record.period << "\n";
  return Exit::ok;
}

Exit run_status(const Invocation& invocation) {
  const UnitCatalog catalog;
  const auto workspace =
      std::make_shared<const Workspace>(load_workspace_to_look(invocation, catalog));
  if (const auto exit = read_through_scheduler(invocation, *workspace)) return *exit;
  StoreView store = open_store(*workspace);
  return invocation.has("RUN") ? show_run(invocation, catalog, workspace, store)
                               : list_runs(invocation, *workspace, store);
}

}  // namespace

void register_status(Registry<Command>& commands) {
  commands.add({
      .name = "status",
      .summary = "Shows the newest runs, or one run job by job.",
      .example = "tallymill status cost_attribution.2026-01.1",
      .arguments = {{.name = "RUN",
                     .summary = "A run as listed, or a graph's name for its newest one.",
                     .required = false}},
      .flags = {json_flag()},
      .run = run_status,
  });
}

}  // namespace tallymill
