#include "rules/rule_set.h"

#include <algorithm>

namespace tallymill {

RuleSet::RuleSet(std::shared_ptr<const RulePlan> plan, std::shared_ptr<Watchdog> watchdog)
    : plan_(std::move(plan)),
      watchdog_(std::move(watchdog)),
      choice_(plan_->limits.mode),
      profile_(*plan_) {}

RuleSet::~RuleSet() = default;

LuaMode RuleSet::mode() const {
  const std::lock_guard lock(mutex_);
  return choice_.mode();
}

std::unique_ptr<RuleEvaluator> RuleSet::take() {
  LuaMode mode{};
  {
    const std::lock_guard lock(mutex_);
    mode = choice_.next();
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
  choice_.took(evaluator->mode(), rows, took);
  if (!choice_.is_decided() || evaluator->mode() == choice_.mode())
    idle_.push_back(std::move(evaluator));
  if (choice_.is_decided())
    std::erase_if(idle_, [&](const auto& other) { return other->mode() != choice_.mode(); });
}

}  // namespace tallymill
