#include "scheduler/input_resolver.h"

#include <algorithm>

#include "scheduler/stale.h"

namespace tallymill {
namespace {

PinnedVersion pin_of(const VersionRecord& version) {
  return {version.dataset, version.period, version.partition, version.id, version.digest};
}

std::string made_how(const DatasetInfo& info) {
  return "job '" + info.job + "' of graph '" + info.graph + "'";
}

}  // namespace

InputResolver::InputResolver(const Workspace& workspace, const LiveRun& run, StoreView& view)
    : workspace_(&workspace), run_(&run), view_(&view) {
  const RunRecord& record = run.record();
  for (VersionRecord& version : view.visible_of(record.graph, record.period)) {
    std::string dataset = version.dataset;
    made_[version.job].emplace(std::move(dataset), std::move(version));
  }
  add_pins(view.pins(record.id));
}

void InputResolver::add_pins(const std::vector<PinnedVersion>& pins) {
  for (const PinnedVersion& pin : pins) pins_.emplace(pin.dataset, pin);
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

JobInputs InputResolver::resolve(JobIndex job) {
  JobInputs inputs;
  std::vector<std::string> seen;
  for (const DatasetUse& use : run_->node(job).shape.inputs) {
    if (std::find(seen.begin(), seen.end(), use.dataset) != seen.end()) continue;
    seen.push_back(use.dataset);
    resolve_one(job, use.dataset, inputs);
    if (!inputs.is_complete()) break;
  }
  return inputs;
}

void InputResolver::resolve_one(JobIndex job, const std::string& dataset, JobInputs& inputs) {
  const auto found = workspace_->datasets.find(dataset);
  if (found == workspace_->datasets.end()) {
    inputs.blocked = "no job of the workspace writes '" + dataset + "'";
    return;
  }
  const DatasetInfo& info = found->second;
  const auto maker = run_->find(info.job);
  if (info.graph != run_->graph().name || !maker || !run_->job(*maker).included)
    return pin_one(job, info, inputs);
  const auto& made = made_by(info.job);
  const auto version = made.find(dataset);
  if (version == made.end()) {
    inputs.blocked = "job '" + info.job + "' made no '" + dataset + "'";
    return;
  }
  check_gates(version->second, waits_for_gates(job, info), inputs);
  inputs.versions.push_back(pin_of(version->second));
}

void InputResolver::pin_one(JobIndex job, const DatasetInfo& info, JobInputs& inputs) {
  if (const auto pin = pins_.find(info.name); pin != pins_.end()) {
    inputs.versions.push_back(pin->second);
    return;
  }
  const std::string& period = run_->record().period;
  // A rerun beside the run it repeats: what that one still makes is what is to be read.
  if (info.graph == run_->graph().name)
    if (const std::string other = view_->open_run_of(info.graph, period, info.job);
        !other.empty()) {
      inputs.held = "'" + info.name + "' of " + period + " is still being made by run " + other;
      return;
    }
  const auto version = view_->visible(info.name, period);
  if (!version) {
    inputs.held =
        "'" + info.name + "' of " + period + " has not been made yet by " + made_how(info);
    return;
  }
  check_gates(*version, waits_for_gates(job, info), inputs);
  if (run_->node(job).shape.has_outside_effect && !run_->record().allow_stale) {
    const std::string cause = stale_cause(*view_, *version);
    if (!cause.empty())
      inputs.held = "'" + info.name + "' is stale: " + cause + "; rerun " + made_how(info) +
                    ", or use --allow-stale";
  }
  inputs.versions.push_back(pin_of(*version));
  inputs.new_pins.push_back(pin_of(*version));
}

bool InputResolver::waits_for_gates(JobIndex job, const DatasetInfo& info) const {
  if (info.graph != run_->graph().name) return true;
  // A gate, and what it reads, must run before the gate has spoken: they have no edge from it.
  const auto& needs = run_->node(job).needs;
  return std::any_of(needs.begin(), needs.end(), [&](const Edge& edge) {
    return edge.kind == EdgeKind::gate && edge.dataset == info.name;
  });
}

void InputResolver::check_gates(const VersionRecord& version, bool required, JobInputs& inputs) {
  if (!required || version.gates.empty()) return;
  const GateState state = view_->gate_state(version);
  if (state == GateState::refused)
    inputs.blocked = "a gate refused '" + version.dataset + "' of " + version.period;
  if (state == GateState::ungated)
    inputs.held =
        "the gates of '" + version.dataset + "' of " + version.period + " have not all spoken yet";
}

}  // namespace tallymill
