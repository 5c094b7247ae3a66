#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/attempt_folder.h"
#include "scheduler/events.h"
#include "scheduler/graph.h"
#include "scheduler/retry.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Why the scheduler asked an attempt to end.
enum class StopReason {
  none,
  timeout,
  interrupted,  ///< by a signal to the scheduler: the run ends
  restart,      ///< found alive by a scheduler that has just started
  cancelled,    ///< a person asked for it
  shutdown,     ///< the service ends: the next one goes on
};
std::string_view to_string(StopReason reason);
/// The reason of a job that a person cancelled: kAskedReason, and what they said.
std::string asked_reason(const std::string& why);

/// Everything that decides what an ended attempt means.
struct AttemptFacts {
  const Workspace* workspace = nullptr;
  const JobNode* job = nullptr;
  const AttemptEnding* ending = nullptr;
  std::string attempt = {};  ///< its id: what it publishes is called so
  StopReason stop = StopReason::none;
  std::string why = {};   ///< of whoever cancelled it, in their words
  bool was_lost = false;  ///< nobody saw it end (a restart): says nothing about the job
  std::string fingerprint;
  const std::vector<PinnedVersion>* inputs = nullptr;
  const ResultRecord* previous = nullptr;  ///< the visible result; null: none
  const std::map<std::string, VersionRecord>* visible = nullptr;  ///< what it made visible
  bool visible_stands = true;  ///< and all of that is still on disk
  /// Whether what was staged declares its columns as the visible version does: `sensitive:` and the
  /// like are in no digest. Asked last; unset: it does.
  std::function<bool(const TaskOutput& output)> has_same_schema = {};
};

/// What follows from it: the event (without ids and retry time), and whether to try again.
struct Judgement {
  AttemptEnded ended;
  std::optional<Retry> retry;
};

/// Decides by the result, the books, the gate and the class of the error; changes nothing but
/// `tries`. Data counts only if it is what the job promised: every declared output staged, nothing
/// undeclared, the ledger balanced. If everything equals what is visible already, nothing is
/// published (early cutoff).
Judgement judge_attempt(const AttemptFacts& facts, TryCount& tries);

/// A judgement of an attempt that could not even be started, or not be published.
Judgement judge_error(const AttemptFacts& facts, ErrorClass error_class, const std::string& error,
                      TryCount& tries);

/// The jobs that stand before `dataset` and may refuse it.
std::vector<std::string> gates_of(const Workspace& workspace, const std::string& dataset);
/// A gate's word about the versions of its dataset among `inputs`.
GateVerdict verdict_of(const JobShape& gate, const std::vector<PinnedVersion>& inputs, bool passed);
/// Does the job stand before a dataset, and may refuse it?
bool is_gate(const JobShape& shape);

}  // namespace tallymill
