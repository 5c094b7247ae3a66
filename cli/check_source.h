#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/registry.h"
#include "core/task.h"
#include "rules/check.h"

namespace tallymill {

/// What the task of a check job said of its checks: what a result does not repeat.
class CheckSource {
 public:
  CheckSource() = default;
  /// Of a task of another type: nothing.
  CheckSource(const Task& task, const Registry<CheckType>& types);

  /// The dataset that is checked, as the job calls it; empty: unknown.
  const std::string& dataset() const { return dataset_; }
  /// "graphs/orders.yaml:14" of the check of that name, or null.
  json::value where(const std::string& check) const;
  /// What it tolerates, or null: {"max_failed", "max_ratio", "expect_failed", "amount",
  /// "max_failed_amount", "max_amount_ratio"}, those that were declared. Numbers that are no whole
  /// ones are exact decimal text.
  json::value tolerance(const std::string& check) const;

 private:
  struct Entry {
    std::string where;
    json::object tolerance;
  };
  std::string dataset_;
  std::map<std::string, Entry> entries_;
};

}  // namespace tallymill
