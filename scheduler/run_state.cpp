#include "scheduler/run_state.h"

#include <span>

namespace tallymill {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 9> kJobRunNames{"waiting",    "ready",     "running",
                                                       "retry_wait", "succeeded", "failed",
                                                       "skipped",    "cancelled", "up_to_date"};
constexpr std::array<std::string_view, 6> kAttemptNames{"starting", "running", "succeeded",
                                                        "failed",   "lost",    "cancelled"};
constexpr std::array<std::string_view, 3> kRunNames{"active", "paused", "ended"};
constexpr std::array<std::string_view, 4> kGateNames{"none", "ungated", "passed", "refused"};

constexpr std::array<std::string_view, 5> kVerdictNames{"ok", "findings", "waiting", "failed",
                                                        "interrupted"};

template <class State>
std::optional<State> state_from(std::span<const std::string_view> names, std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<State>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(JobRunState state) {
  return kJobRunNames[static_cast<std::size_t>(state)];
}
std::string_view to_string(AttemptState state) {
  return kAttemptNames[static_cast<std::size_t>(state)];
}
std::string_view to_string(RunState state) { return kRunNames[static_cast<std::size_t>(state)]; }
std::string_view to_string(GateState state) { return kGateNames[static_cast<std::size_t>(state)]; }
std::string_view to_string(RunVerdict verdict) {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}

std::optional<JobRunState> job_run_state_from(std::string_view text) {
  return state_from<JobRunState>(kJobRunNames, text);
}
std::optional<AttemptState> attempt_state_from(std::string_view text) {
  return state_from<AttemptState>(kAttemptNames, text);
}
std::optional<RunState> run_state_from(std::string_view text) {
  return state_from<RunState>(kRunNames, text);
}
std::optional<RunVerdict> run_verdict_from(std::string_view text) {
  return state_from<RunVerdict>(kVerdictNames, text);
}

}  // namespace tallymill
