#include "scheduler/judgement.h"

#include <algorithm>

#include "core/text.h"
#include "scheduler/live_run.h"

namespace tallymill {
namespace {

bool declares(const std::vector<DatasetUse>& uses, const std::string& dataset) {
  return std::any_of(uses.begin(), uses.end(),
                     [&](const DatasetUse& use) { return use.dataset == dataset; });
}

/// What is wrong with the data an attempt hands over; empty if nothing is.
std::string broken_promise(const AttemptFacts& facts, const TaskResult& result) {
  const JobShape& shape = facts.job->shape;
  std::vector<std::string> staged;
  for (const TaskOutput& output : result.outputs) {
    if (!declares(output.evidence ? shape.evidence : shape.outputs, output.dataset))
      return "the worker staged '" + output.dataset + "', which the job does not declare";
    if (output.folder != "staging/" + output.dataset ||
        std::find(staged.begin(), staged.end(), output.dataset) != staged.end())
      return "the worker staged '" + output.dataset + "' twice or in a strange folder";
    staged.push_back(output.dataset);
  }
  for (const DatasetUse& use : shape.outputs)
    if (std::find(staged.begin(), staged.end(), use.dataset) == staged.end())
      return "the worker did not stage '" + use.dataset + "', which the job promises";
  return {};
}

/// Data, evidence, provenance, columns as declared and books all equal what is visible: no version
/// is made.
bool equals_visible(const AttemptFacts& facts, const TaskResult& result) {
  if (!facts.previous || !facts.visible_stands) return false;
  if (result.outputs.size() != facts.visible->size()) return false;
  // Who reads the visible version knows only the gates that it was published with.
  const auto gated = facts.visible->find(facts.job->shape.gated_output);
  if (gated != facts.visible->end() &&
      gated->second.gates != gates_of(*facts.workspace, gated->first))
    return false;
  if (facts.previous->ledger != json::serialize(result.ledger)) return false;
  return std::all_of(result.outputs.begin(), result.outputs.end(), [&](const TaskOutput& output) {
    const auto visible = facts.visible->find(output.dataset);
    return visible != facts.visible->end() && visible->second.digest == output.digest &&
           visible->second.provenance == output.provenance &&
           visible->second.evidence == output.evidence &&
           (!facts.has_same_schema || facts.has_same_schema(output));
  });
}

void copy_counts(const TaskResult& result, AttemptEnded& ended) {
  ended.rows_in = result.rows_in;
  ended.rows_out = result.rows_out;
  ended.rows_rejected = result.rows_rejected;
  ended.findings_error = result.findings_error;
  ended.findings_warn = result.findings_warn;
}

/// What conditions may ask of an indicator; empty if the job is none.
std::string indicators_of(const TaskResult& result) {
  if (result.indicators.empty()) return {};
  json::array kept;
  for (const json::value& item : result.indicators)
    kept.push_back(json::object{{"org", json_text_or(item.as_object(), "org", "")},
                                {"value", json_text_or(item.as_object(), "value", "")}});
  return json::serialize(kept);
}

std::map<std::string, std::string> measures_of(const TaskResult& result) {
  std::map<std::string, std::string> measures;
  for (const json::value& check : result.checks)
    if (const json::value* measured = check.as_object().if_contains("measured"))
      measures.emplace(json_text(measured->as_object(), "name"),
                       json_text(measured->as_object(), "value"));
  return measures;
}

void copy_result(const AttemptFacts& facts, const TaskResult& result, AttemptEnded& ended) {
  ended.fingerprint = facts.fingerprint;
  ended.inputs = *facts.inputs;
  ended.ledger = json::serialize(result.ledger);
  ended.indicators = indicators_of(result);
  if (facts.job->shape.reads_history) ended.measures = measures_of(result);
  if (const json::array* values = result.answer.if_array())
    for (const json::value& value : *values)
      if (value.is_string()) ended.listed.emplace_back(value.get_string());
  if (!result.source_state.is_null()) ended.source_state = json::serialize(result.source_state);
  ended.publishes = !equals_visible(facts, result);
  if (!ended.publishes) {
    ended.why = "same_result";
    return;
  }
  for (const TaskOutput& output : result.outputs)
    ended.versions.push_back({output.dataset, output.evidence, output.rows, output.digest,
                              output.provenance, output.amounts,
                              gates_of(*facts.workspace, output.dataset)});
}

Judgement judge_success(const AttemptFacts& facts, const TaskResult& result, TryCount& tries) {
  Judgement judgement;
  AttemptEnded& ended = judgement.ended;
  copy_counts(result, ended);
  ended.outcome = result.outcome == TaskOutcome::findings ? "findings" : "succeeded";
  const JobShape& shape = facts.job->shape;
  if (is_gate(shape)) {
    const json::value* passed = result.gate.if_contains("passed");
    if (!passed || !passed->is_bool())
      return judge_error(facts, ErrorClass::bug, "the worker did not say whether the gate passed",
                         tries);
    ended.verdicts.push_back(verdict_of(shape, *facts.inputs, passed->get_bool()));
    // Checks of one job may differ in what their failures do; the worker knows which failed.
    const bool only_blocks = json_text_or(result.gate, "on_fail", "fail") == "block";
    if (!passed->get_bool() && shape.on_fail == OnFail::fail && !only_blocks) {
      ended.state = AttemptState::failed;
      ended.job_state = JobRunState::failed;
      ended.why = "refused";
      ended.error_class = ErrorClass::data;
      ended.error = "refused '" + shape.gates + "': " + group_digits(result.findings_error) +
                    (result.findings_error == 1 ? " finding" : " findings") + " (on_fail: fail)";
      return judgement;
    }
  }
  ended.state = AttemptState::succeeded;
  ended.job_state = JobRunState::succeeded;
  copy_result(facts, result, ended);
  if (is_gate(shape) && !shape.gated_output.empty())
    ended.verdicts.push_back(
        {shape.gated_output,
         {ended.publishes ? facts.attempt : facts.visible->at(shape.gated_output).id},
         ended.verdicts.front().passed});
  return judgement;
}

Judgement judge_unchanged(const AttemptFacts& facts, const TaskResult& result, TryCount& tries) {
  if (!facts.previous)
    return judge_error(facts, ErrorClass::bug,
                       "the worker says its source is unchanged, but there is no earlier result",
                       tries);
  Judgement judgement;
  AttemptEnded& ended = judgement.ended;
  ended.state = AttemptState::succeeded;
  ended.job_state = JobRunState::up_to_date;
  ended.outcome = "unchanged";
  ended.why = "same_source";
  ended.rows_in = facts.previous->rows_in;
  ended.rows_out = facts.previous->rows_out;
  ended.rows_rejected = facts.previous->rows_rejected;
  ended.findings_error = facts.previous->findings_error;
  ended.findings_warn = facts.previous->findings_warn;
  ended.fingerprint = facts.fingerprint;
  ended.inputs = *facts.inputs;
  if (!result.source_state.is_null()) ended.source_state = json::serialize(result.source_state);
  return judgement;
}

Judgement judge_result(const AttemptFacts& facts, const TaskResult& result, TryCount& tries) {
  if (result.outcome == TaskOutcome::unchanged) return judge_unchanged(facts, result, tries);
  if (result.outcome == TaskOutcome::failed) {
    Judgement judgement = judge_error(facts, result.error_class, result.error, tries);
    copy_counts(result, judgement.ended);
    return judgement;
  }
  const std::string broken = broken_promise(facts, result);
  if (!broken.empty()) return judge_error(facts, ErrorClass::bug, broken, tries);
  const json::value* balances = result.ledger.if_contains("balances");
  if (balances && balances->is_bool() && !balances->get_bool())
    return judge_error(
        facts, ErrorClass::data,
        "the books of job '" + facts.job->spec.name + "' do not close; nothing is published",
        tries);
  return judge_success(facts, result, tries);
}

}  // namespace

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::timeout:
      return "timeout";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::restart:
      return "restart";
    case StopReason::cancelled:
      return "cancelled";
    case StopReason::shutdown:
      return "shutdown";
    case StopReason::none:
      break;
  }
  return "";
}

std::string asked_reason(const std::string& why) {
  return std::string(kAskedReason) + (why.empty() ? "" : ": " + why);
}

bool is_gate(const JobShape& shape) {
  return !shape.gates.empty() && shape.on_fail != OnFail::warn;
}

GateVerdict verdict_of(const JobShape& gate, const std::vector<PinnedVersion>& inputs,
                       bool passed) {
  GateVerdict verdict{gate.gates, {}, passed};
  for (const PinnedVersion& input : inputs)
    if (input.dataset == verdict.dataset && !input.version.empty())
      verdict.versions.push_back(input.version);
  return verdict;
}

std::vector<std::string> gates_of(const Workspace& workspace, const std::string& dataset) {
  std::vector<std::string> gates;
  const auto info = workspace.datasets.find(dataset);
  if (info == workspace.datasets.end()) return gates;
  for (const auto& [graph, job] : info->second.gates) {
    const JobNode* node = workspace.graphs.at(graph)->find_job(job);
    if (node && is_gate(node->shape)) gates.push_back(job);
  }
  return gates;
}

Judgement judge_error(const AttemptFacts& facts, ErrorClass error_class, const std::string& error,
                      TryCount& tries) {
  Judgement judgement;
  AttemptEnded& ended = judgement.ended;
  ended.state = AttemptState::failed;
  ended.outcome = "failed";
  ended.error_class = error_class;
  ended.error = error;
  judgement.retry = next_try(error_class, *facts.job, tries);
  ended.job_state = judgement.retry ? JobRunState::retry_wait : JobRunState::failed;
  ended.why = std::string(to_string(error_class));
  return judgement;
}

Judgement judge_attempt(const AttemptFacts& facts, TryCount& tries) {
  // A finished result counts however the process ended, also if it was asked to end meanwhile.
  const auto& result = facts.ending->result;
  const bool finished = result && result->outcome != TaskOutcome::failed;
  if (result && (finished || facts.stop == StopReason::none))
    return judge_result(facts, *result, tries);

  if (facts.stop == StopReason::timeout) {
    Judgement judgement = judge_error(
        facts, ErrorClass::transient,
        "timed out after " + format_duration(facts.job->timeout) + " and was ended", tries);
    judgement.ended.why = "timeout";
    return judgement;
  }
  if (facts.stop == StopReason::interrupted || facts.stop == StopReason::cancelled) {
    Judgement judgement;
    judgement.ended.state = AttemptState::cancelled;
    judgement.ended.job_state = JobRunState::cancelled;
    judgement.ended.why =
        facts.stop == StopReason::interrupted ? "interrupted" : asked_reason(facts.why);
    judgement.ended.outcome = "cancelled";
    return judgement;
  }
  if (facts.was_lost || facts.stop == StopReason::shutdown) {
    Judgement judgement;
    judgement.ended.state = AttemptState::lost;
    judgement.ended.job_state = JobRunState::ready;
    judgement.ended.why = facts.was_lost ? "lost" : "shutdown";
    judgement.ended.outcome = "lost";
    return judgement;
  }
  return judge_error(facts, facts.ending->error_class, facts.ending->error, tries);
}

}  // namespace tallymill
