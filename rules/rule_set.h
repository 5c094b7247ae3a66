#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "rules/rule_evaluator.h"

namespace tallymill {

/// A bound set of rules with a pool of evaluators, one per thread that asks at the same time.
///
/// Nearly every set runs best compiled. A few (hundreds of small closures, chosen by row) run best
/// interpreted, so after the first chunks, if rows are slow, one chunk or two are evaluated by an
/// interpreted state and the faster mode stays. Results are the same in both.
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
    use(result);
    give_back(std::move(evaluator), rows, took);
  }

  const RulePlan& plan() const { return *plan_; }
  LuaMode mode() const;

 private:
  /// CPU time over rows of one mode.
  struct Pace {
    std::int64_t rows = 0;
    std::int64_t ns = 0;
    int chunks = 0;
    double ns_per_row() const {
      return rows == 0 ? 0.0 : static_cast<double>(ns) / static_cast<double>(rows);
    }
  };
  enum class Phase { watching, trying, decided };

  std::unique_ptr<RuleEvaluator> take();
  void give_back(std::unique_ptr<RuleEvaluator> evaluator, std::size_t rows, std::int64_t took);
  void calibrate(LuaMode mode, std::size_t rows, std::int64_t took);

  std::shared_ptr<const RulePlan> plan_;
  std::shared_ptr<Watchdog> watchdog_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<RuleEvaluator>> idle_;
  Phase phase_ = Phase::watching;
  LuaMode mode_ = LuaMode::compiled;
  bool trial_running_ = false;
  Pace compiled_, interpreted_;
};

}  // namespace tallymill
