#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace tallymill {

/// What the store says of a job within a run. `blocked` (waiting behind a failed, cancelled or
/// blocked job, or behind refused data) is computed, never stored: it clears by itself.
enum class JobRunState : std::uint8_t {
  waiting,
  ready,
  running,
  retry_wait,
  succeeded,
  failed,
  skipped,
  cancelled,
  up_to_date,
};

/// One try. `running` is what an executor says of a `starting` attempt whose lock is held; it is
/// never stored.
enum class AttemptState : std::uint8_t { starting, running, succeeded, failed, lost, cancelled };

/// A run is open until it has ended; what it came to is computed from its job runs.
enum class RunState : std::uint8_t { active, paused, ended };

/// Whether readers may see a version: `none` if no gate stands before its dataset, `ungated` until
/// every gate has spoken, `refused` if one of them found something.
enum class GateState : std::uint8_t { none, ungated, passed, refused };

/// What a run came to: the worst of its jobs, in the order of docs/architecture.md, 9.
enum class RunVerdict : std::uint8_t { ok, findings, waiting, failed, interrupted };

/// Every legal move of a job run, and nothing else. docs/architecture.md draws this table.
inline constexpr std::array kJobRunMoves{
    std::pair{JobRunState::waiting, JobRunState::ready},        // all it needs is there, pinned
    std::pair{JobRunState::waiting, JobRunState::up_to_date},   // the same, and nothing to do
    std::pair{JobRunState::waiting, JobRunState::skipped},      // `when:` said no, or a person
    std::pair{JobRunState::waiting, JobRunState::cancelled},    // blocked when the run ended
    std::pair{JobRunState::waiting, JobRunState::succeeded},    // a person approved
    std::pair{JobRunState::waiting, JobRunState::failed},       // a person rejected
    std::pair{JobRunState::ready, JobRunState::running},        // a slot was free
    std::pair{JobRunState::ready, JobRunState::failed},         // no slot within queue_timeout
    std::pair{JobRunState::ready, JobRunState::cancelled},      // interrupted
    std::pair{JobRunState::running, JobRunState::succeeded},    // its result is published
    std::pair{JobRunState::running, JobRunState::up_to_date},   // its source had not changed
    std::pair{JobRunState::running, JobRunState::failed},       // no try left, or none allowed
    std::pair{JobRunState::running, JobRunState::retry_wait},   // failed, tries left
    std::pair{JobRunState::running, JobRunState::ready},        // lost, and its lock is free
    std::pair{JobRunState::running, JobRunState::cancelled},    // interrupted
    std::pair{JobRunState::retry_wait, JobRunState::ready},     // the waiting time is over
    std::pair{JobRunState::retry_wait, JobRunState::cancelled}  // interrupted
};

constexpr bool may_move(JobRunState from, JobRunState to) {
  for (const auto& move : kJobRunMoves)
    if (move.first == from && move.second == to) return true;
  return false;
}

/// True if no move starts here.
constexpr bool is_final(JobRunState state) {
  for (const auto& move : kJobRunMoves)
    if (move.first == state) return false;
  return true;
}

/// What a person may say of a job that does not run: `mark`. The only way out of a final state.
constexpr bool may_be_marked(JobRunState from, JobRunState to) {
  const bool is_word =
      to == JobRunState::succeeded || to == JobRunState::skipped || to == JobRunState::failed;
  return is_word && from != to && from != JobRunState::running;
}

/// Final, and what comes after may go on.
constexpr bool is_good(JobRunState state) {
  return state == JobRunState::succeeded || state == JobRunState::up_to_date ||
         state == JobRunState::skipped;
}

/// Names as stored, printed and written in JSON.
std::string_view to_string(JobRunState state);
std::string_view to_string(AttemptState state);
std::string_view to_string(RunState state);
std::string_view to_string(GateState state);
std::string_view to_string(RunVerdict verdict);
std::optional<JobRunState> job_run_state_from(std::string_view text);
std::optional<AttemptState> attempt_state_from(std::string_view text);
std::optional<RunState> run_state_from(std::string_view text);
std::optional<RunVerdict> run_verdict_from(std::string_view text);

}  // namespace tallymill
