#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/json.h"
#include "rules/rule_evaluator.h"

namespace tallymill {

/// What a bound set of rules did in an attempt, over all threads: for metrics, which are never
/// compared. Rules of a set share one loop over the rows, and so its time. Thread-safe.
class RuleProfile {
 public:
  explicit RuleProfile(const RulePlan& plan) : plan_(plan), counts_(plan.rules.size()) {}

  /// A chunk is done; it took `ns` of CPU time.
  void add(const ChunkResult& result, std::size_t rows, std::int64_t ns);

  bool is_empty() const;
  /// {"kind", "mode", "rows", "cpu_ns", "ns_per_row", "rows_per_second", "rules": [{"rule", "file",
  /// "hits", "not_applicable", "errors", "note"}..]}. A hit is a finding, or a value given.
  json::object to_json(LuaMode mode) const;

 private:
  struct Counts {
    std::int64_t hits = 0, not_applicable = 0, errors = 0;
    bool varies = false;  ///< of rules that give one text: it gave two
    bool has_first = false;
    std::string first;
  };

  void add_values(const ChunkResult& result, std::size_t rows, std::vector<Counts>& counts) const;
  static void find_variety(const OutputColumn& output, std::size_t rows, Counts& counts);
  std::string note_of(const Counts& counts) const;

  const RulePlan& plan_;
  mutable std::mutex mutex_;
  std::vector<Counts> counts_;  ///< by rule
  std::int64_t rows_ = 0, ns_ = 0;
};

}  // namespace tallymill
