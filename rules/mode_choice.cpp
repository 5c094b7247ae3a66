#include "rules/mode_choice.h"

namespace tallymill {
namespace {

// Traces settle within the first chunks; after that a dozen give a steady figure.
constexpr int kWarmChunks = 4;
constexpr int kMeasuredChunks = 12;
constexpr int kTrialWarmChunks = 1;
constexpr int kTrialChunks = 3;
/// Below this the interpreter cannot win: filling a row alone costs it more.
constexpr double kFastEnoughNs = 60.0;
/// The interpreter must win clearly, because a compiled set may still get faster.
constexpr double kClearly = 0.85;

}  // namespace

double ModeChoice::Pace::ns_per_row() const {
  return rows == 0 ? 0.0 : static_cast<double>(ns) / static_cast<double>(rows);
}

ModeChoice::ModeChoice(std::optional<LuaMode> fixed) {
  if (!fixed) return;
  mode_ = *fixed;
  phase_ = Phase::decided;
}

LuaMode ModeChoice::next() {
  if (phase_ != Phase::trying || trial_running_) return mode_;
  trial_running_ = true;
  return LuaMode::interpreted;
}

void ModeChoice::took(LuaMode mode, std::size_t rows, std::int64_t ns) {
  if (phase_ == Phase::decided) return;
  const bool is_trial = mode == LuaMode::interpreted;
  Pace& pace = is_trial ? interpreted_ : compiled_;
  if (++pace.chunks > (is_trial ? kTrialWarmChunks : kWarmChunks)) {
    pace.rows += static_cast<std::int64_t>(rows);
    pace.ns += ns;
  }
  if (is_trial) {
    trial_running_ = false;
    if (pace.chunks < kTrialWarmChunks + kTrialChunks) return;
    if (interpreted_.ns_per_row() < kClearly * compiled_.ns_per_row()) mode_ = mode;
    phase_ = Phase::decided;
  } else if (phase_ == Phase::watching && pace.chunks >= kWarmChunks + kMeasuredChunks) {
    phase_ = pace.ns_per_row() > kFastEnoughNs ? Phase::trying : Phase::decided;
  }
}

}  // namespace tallymill
