#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tallymill {

/// What is kept: the newest `keep`, and all that is younger than `days`. Neither given: everything.
struct KeepRule {
  std::optional<std::int64_t> days;
  std::optional<std::int64_t> keep;
  bool is_set() const { return days || keep; }
};

/// `retention:` of tallymill.yaml.
struct Retention {
  KeepRule versions;  ///< superseded ones, of one dataset, period and partition
  KeepRule logs;      ///< attempt folders of ended runs, counted by runs of one graph
  KeepRule runs;      ///< ended ones of one graph, with all the store tells about them
};

/// Applies a rule to things that come newest first.
class KeepCount {
 public:
  explicit KeepCount(const KeepRule& rule);
  /// `instant` of the next older one. `why` of one that goes: "older than 30 days".
  bool keeps(const std::string& instant);
  const std::string& why() const { return why_; }

 private:
  KeepRule rule_;
  std::string limit_;
  std::string why_;
  std::int64_t seen_ = 0;
};

}  // namespace tallymill
