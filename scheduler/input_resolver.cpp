#include "scheduler/input_resolver.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/period_choice.h"
#include "scheduler/stale.h"

namespace tallymill {
namespace {

/// Longer lists of what is missing are cut.
constexpr std::size_t kMostNamed = 10;

PinnedVersion pin_of(const VersionRecord& version) {
  return {version.dataset, version.period, version.partition, version.id, version.digest};
}

std::string made_how(const DatasetInfo& info, const std::string& partition) {
  return "job '" + job_name(info.job, partition) + "' of graph '" + info.graph + "'";
}

std::string of_what(const DatasetInfo& info, const std::string& period,
                    const std::string& partition) {
  return "'" + info.name + "' of " + period +
         (partition.empty() ? "" : ", " + partition_words(*info.axis, partition) + ",");
}

bool is_alike(const JobNode& reader, const DatasetInfo& info) {
  return reader.axis && info.axis && reader.axis->name == info.axis->name;
}

bool is_finer(PeriodKind kind, PeriodKind than) {
  return !periods_within(kind, Period::containing(than, Date::from_civil(2019, 9, 25))).empty() &&
         kind != than;
}

std::vector<Period> periods_of(const DatasetUse& use, const DatasetInfo& info, const Graph& graph,
                               const RunRecord& record) {
  const auto run = Period::parse(record.period);
  if (!run) throw Error(ErrorClass::bug, "run " + record.id + " has no period");
  const bool with_due = needs_of("${" + use.period + "}").due;
  return chosen_periods(use, *run, info.period, date_scope(graph, *run, record.params, with_due));
}

}  // namespace

InputResolver::InputResolver(const Workspace& workspace, const LiveRun& run, StoreView& view)
    : workspace_(&workspace), run_(&run), view_(&view) {
  const RunRecord& record = run.record();
  for (VersionRecord& version : view.visible_of(record.graph, record.period)) {
    std::string dataset = version.dataset;
    made_[job_name(version.job, version.partition)].emplace(std::move(dataset), std::move(version));
  }
  add_pins(view.pins(record.id));
}

void InputResolver::add_pins(const std::vector<PinnedVersion>& pins) {
  for (const PinnedVersion& pin : pins)
    pins_.emplace(Place{pin.dataset, pin.period, pin.partition}, pin);
}

const std::map<std::string, VersionRecord>& InputResolver::made_by(const std::string& job) const {
  static const std::map<std::string, VersionRecord> kNothing;
  const auto found = made_.find(job);
  return found == made_.end() ? kNothing : found->second;
}

void InputResolver::replace_made(const std::string& job,
                                 std::map<std::string, VersionRecord> versions) {
  made_[job] = std::move(versions);
}

JobInputs InputResolver::resolve(JobIndex job, const std::string& without) {
  JobInputs inputs;
  try {
    for (const DatasetUse& use : run_->node(job).shape.inputs) {
      if (use.dataset == without) continue;
      resolve_use(job, use, inputs);
      if (!inputs.is_complete()) break;
    }
  } catch (const Error& error) {
    // A date that cannot be reckoned for this period: the graph's fault, and only this job's.
    if (error.error_class() != ErrorClass::config) throw;
    inputs.blocked = error.message();
    inputs.code = "bad_period";
  }
  return inputs;
}

void InputResolver::resolve_use(JobIndex job, const DatasetUse& use, JobInputs& inputs) {
  const auto found = workspace_->datasets.find(use.dataset);
  if (found == workspace_->datasets.end()) {
    inputs.blocked = "no job of the workspace writes '" + use.dataset + "'";
    inputs.code = "input_unknown";
    return;
  }
  Search search{job, use, found->second, inputs};
  for (const Period& period : periods_of(use, search.info, run_->graph(), run_->record())) {
    const std::string text = period.text();
    for (const std::string& partition : partitions(search, text)) {
      resolve_one(search, text, partition);
      if (!inputs.is_complete()) return;
    }
  }
  settle_missing(search);
}

std::vector<std::string> InputResolver::partitions(Search& search, const std::string& period) {
  const DatasetInfo& info = search.info;
  const JobNode& reader = run_->node(search.job);
  if (!info.axis) return {std::string()};
  if (is_alike(reader, info)) return {reader.partition};
  std::optional<std::vector<std::string>> all = info.axis->values;
  if (info.axis->is_listed()) all = view_->partition_list(info.graph, period, info.axis->list_job);
  if (all) std::sort(all->begin(), all->end());  // the order of a list is no part of the result
  if (all) return *std::move(all);
  if (search.use.missing == WhenMissing::empty) return {};
  search.missing.push_back({period, {}});
  return {};
}

void InputResolver::resolve_one(Search& search, const std::string& period,
                                const std::string& partition) {
  const auto is_known = [&](const PinnedVersion& known) {
    return known.dataset == search.info.name && known.period == period &&
           known.partition == partition;
  };
  const auto& versions = search.inputs.versions;
  if (std::any_of(versions.begin(), versions.end(), is_known)) return;
  const auto maker = run_->find(job_name(search.info.job, partition));
  const bool is_own = search.info.graph == run_->graph().name && period == run_->record().period &&
                      maker && run_->job(*maker).included;
  if (is_own)
    resolve_own(search, *maker);
  else
    pin_one(search, period, partition);
}

void InputResolver::resolve_own(Search& search, JobIndex maker) {
  const auto& made = made_by(run_->node(maker).spec.name);
  const auto version = made.find(search.info.name);
  if (version == made.end()) {
    search.inputs.blocked =
        "job '" + run_->node(maker).spec.name + "' made no '" + search.info.name + "'";
    search.inputs.code = "input_missing";
    return;
  }
  check_gates(version->second, waits_for_gates(search.job, search.info, run_->record().period),
              search.inputs);
  search.inputs.versions.push_back(pin_of(version->second));
  ++search.found;
}

void InputResolver::pin_one(Search& search, const std::string& period,
                            const std::string& partition) {
  JobInputs& inputs = search.inputs;
  const DatasetInfo& info = search.info;
  if (const auto pin = pins_.find(Place{info.name, period, partition}); pin != pins_.end()) {
    inputs.versions.push_back(pin->second);
    ++search.found;
    return;
  }
  // A rerun beside the run it repeats: what that one still makes is what is to be read.
  if (info.graph == run_->graph().name)
    if (const std::string other =
            view_->open_run_of(info.graph, period, job_name(info.job, partition));
        !other.empty()) {
      inputs.held = of_what(info, period, partition) + " is still being made by run " + other;
      inputs.code = "input_missing";
      return;
    }
  const auto version = view_->visible(info.name, period, partition);
  if (!version) {
    search.missing.push_back({period, partition});
    return;
  }
  check_gates(*version, waits_for_gates(search.job, info, period), inputs);
  if (run_->node(search.job).shape.has_outside_effect && !run_->record().allow_stale) {
    const std::string cause = stale_cause(*view_, *version);
    if (!cause.empty()) {
      inputs.held = "'" + job_name(info.name, partition) + "' is stale: " + cause + "; rerun " +
                    made_how(info, partition) + ", or use --allow-stale";
      inputs.code = "input_stale";
    }
  }
  inputs.versions.push_back(pin_of(*version));
  inputs.new_pins.push_back(pin_of(*version));
  ++search.found;
}

/// What nobody has made counts as empty, or stops the job, as the job says.
void InputResolver::settle_missing(Search& search) {
  const std::vector<Missing>& missing = search.missing;
  if (missing.empty()) return;
  const DatasetInfo& info = search.info;
  if (search.use.missing == WhenMissing::empty) {
    for (const Missing& each : missing) {
      search.inputs.versions.push_back({info.name, each.period, each.partition, {}, {}});
      search.inputs.new_pins.push_back(search.inputs.versions.back());
    }
    return;
  }
  std::string sentence;
  const std::size_t all = missing.size() + search.found;
  if (all == 1) {
    sentence = of_what(info, missing[0].period, missing[0].partition) +
               " has not been made yet by " + made_how(info, missing[0].partition);
  } else {
    std::vector<std::string> names;
    for (const Missing& each : missing) {
      if (names.size() == kMostNamed) break;
      names.push_back(each.period + (each.partition.empty() ? "" : " " + each.partition));
    }
    sentence = std::to_string(missing.size()) + " of " + std::to_string(all) + " versions of '" +
               info.name + "' have not been made yet by " + made_how(info, {}) + ": " +
               join(names, ", ");
    if (names.size() < missing.size())
      sentence += " and " + std::to_string(missing.size() - names.size()) + " more";
  }
  search.inputs.code = search.found == 0 ? "input_missing" : "input_incomplete";
  (search.use.missing == WhenMissing::fail ? search.inputs.failed : search.inputs.held) =
      std::move(sentence);
}

bool InputResolver::waits_for_gates(JobIndex job, const DatasetInfo& info,
                                    const std::string& period) const {
  if (info.graph != run_->graph().name || period != run_->record().period) return true;
  // A gate, and what it reads, must run before the gate has spoken: they have no edge from it.
  const auto& needs = run_->node(job).needs;
  return std::any_of(needs.begin(), needs.end(), [&](const Edge& edge) {
    return edge.kind == EdgeKind::gate && edge.dataset == info.name;
  });
}

void InputResolver::check_gates(const VersionRecord& version, bool required, JobInputs& inputs) {
  if (!required || version.gates.empty()) return;
  const std::string what = "'" + version.dataset + "' of " + version.period +
                           (version.partition.empty() ? "" : ", " + version.partition + ",");
  const GateState state = view_->gate_state(version);
  if (state == GateState::refused) {
    inputs.blocked = "a gate refused " + what;
    inputs.code = "gate_refused";
  }
  if (state == GateState::ungated) {
    inputs.held = "the gates of " + what + " have not all spoken yet";
    inputs.code = "input_ungated";
  }
  if (inputs.blocked.ends_with(',')) inputs.blocked.pop_back();
}

std::vector<std::pair<const DatasetUse*, std::vector<PinnedVersion>>> versions_by_input(
    const Workspace& workspace, const Graph& graph, const JobNode& job, const RunRecord& run,
    const std::vector<PinnedVersion>& versions) {
  std::vector<std::pair<const DatasetUse*, std::vector<PinnedVersion>>> inputs;
  for (const DatasetUse& use : job.shape.inputs) {
    auto& found = inputs.emplace_back(&use, std::vector<PinnedVersion>()).second;
    const auto info = workspace.datasets.find(use.dataset);
    if (info == workspace.datasets.end()) continue;
    std::vector<std::string> periods;
    for (const Period& period : periods_of(use, info->second, graph, run))
      periods.push_back(period.text());
    for (const PinnedVersion& version : versions)
      if (version.dataset == use.dataset && !version.version.empty() &&
          std::find(periods.begin(), periods.end(), version.period) != periods.end())
        found.push_back(version);
  }
  return inputs;
}

std::vector<std::string> inputs_of_several(const Workspace& workspace, const JobNode& job) {
  std::vector<std::string> names;
  for (const DatasetUse& use : job.shape.inputs) {
    const auto info = workspace.datasets.find(use.dataset);
    if (info == workspace.datasets.end()) continue;
    const auto home = workspace.graphs.find(job.spec.graph);
    const bool brings_together = info->second.axis && !is_alike(job, info->second);
    const bool is_within =
        home != workspace.graphs.end() && is_finer(info->second.period, home->second->period);
    if (use.periods > 0 || brings_together || is_within) names.push_back(use.name());
  }
  return names;
}

}  // namespace tallymill
