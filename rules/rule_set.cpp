#include "rules/rule_set.h"

#include <algorithm>

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

RuleSet::RuleSet(std::shared_ptr<const RulePlan> plan, std::shared_ptr<Watchdog> watchdog)
    : plan_(std::move(plan)), watchdog_(std::move(watchdog)) {
  if (!plan_->limits.traced) return;
  mode_ = LuaMode::traced;
  phase_ = Phase::decided;
}

RuleSet::~RuleSet() = default;

LuaMode RuleSet::mode() const {
  const std::lock_guard lock(mutex_);
  return mode_;
}

std::unique_ptr<RuleEvaluator> RuleSet::take() {
  LuaMode mode{};
  {
    const std::lock_guard lock(mutex_);
    mode = mode_;
    if (phase_ == Phase::trying && !trial_running_) {
      trial_running_ = true;
      mode = LuaMode::interpreted;
    }
    const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const auto& evaluator) {
      return evaluator->mode() == mode;
    });
    if (found != idle_.end()) {
      auto evaluator = std::move(*found);
      idle_.erase(found);
      return evaluator;
    }
  }
  return std::make_unique<RuleEvaluator>(plan_, mode, watchdog_.get());
}

void RuleSet::give_back(std::unique_ptr<RuleEvaluator> evaluator, std::size_t rows,
                        std::int64_t took) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::decided) calibrate(evaluator->mode(), rows, took);
  const bool is_wanted = phase_ != Phase::decided || evaluator->mode() == mode_;
  if (is_wanted) idle_.push_back(std::move(evaluator));
  if (phase_ == Phase::decided)
    std::erase_if(idle_, [&](const auto& other) { return other->mode() != mode_; });
}

void RuleSet::calibrate(LuaMode mode, std::size_t rows, std::int64_t took) {
  const bool is_trial = mode == LuaMode::interpreted;
  Pace& pace = is_trial ? interpreted_ : compiled_;
  if (++pace.chunks > (is_trial ? kTrialWarmChunks : kWarmChunks)) {
    pace.rows += static_cast<std::int64_t>(rows);
    pace.ns += took;
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
