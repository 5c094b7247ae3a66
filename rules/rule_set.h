#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "rules/mode_choice.h"
#include "rules/rule_evaluator.h"
#include "rules/rule_profile.h"

namespace tallymill {

/// A bound set of rules with a pool of evaluators, one per thread that asks at the same time. How
/// they run is a ModeChoice, unless the plan's limits say.
class RuleSet {
 public:
  RuleSet(std::shared_ptr<const RulePlan> plan, std::shared_ptr<Watchdog> watchdog);
  ~RuleSet();

  /// Thread-safe. `use(result)` runs while the result is valid.
  template <class Use>
  void evaluate(std::span<const ColumnView> columns, std::size_t rows, const Use& use) {
    std::unique_ptr<RuleEvaluator> evaluator = take();
    const std::int64_t start = thread_cpu_ns();
    const ChunkResult& result = evaluator->evaluate(columns, rows);
    const std::int64_t took = thread_cpu_ns() - start;
    profile_.add(result, rows, took);
    use(result);
    give_back(std::move(evaluator), rows, took);
  }

  const RulePlan& plan() const { return *plan_; }
  LuaMode mode() const;
  const RuleProfile& profile() const { return profile_; }

 private:
  std::unique_ptr<RuleEvaluator> take();
  void give_back(std::unique_ptr<RuleEvaluator> evaluator, std::size_t rows, std::int64_t took);

  std::shared_ptr<const RulePlan> plan_;
  std::shared_ptr<Watchdog> watchdog_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<RuleEvaluator>> idle_;
  ModeChoice choice_;
  RuleProfile profile_;
};

}  // namespace tallymill
