#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallymill {

/// What a job asks of those it waits for (`when:`). Three outcomes count: succeeded (also up to
/// date), skipped, and failed (failed, cancelled, or blocked behind such a job).
enum class TriggerRule : std::uint8_t {
  all_success,               ///< all succeeded; a skipped one makes it skipped, too
  all_failed,                ///< all failed
  all_done,                  ///< all have come to an end, whichever
  all_done_min_one_success,  ///< all have come to an end, one of them succeeded
  all_skipped,               ///< all were skipped
  one_failed,                ///< one failed; does not wait for the others
  one_success,               ///< one succeeded; does not wait for the others
  one_done,                  ///< one succeeded or failed; does not wait for the others
  none_failed,               ///< all succeeded or were skipped
  none_failed_min_one_success,
  none_skipped,  ///< all have come to an end, none was skipped
  always,        ///< waits for nobody
};

/// How many of the jobs before a job have come to what; `total` of them are in the run.
struct JobsBefore {
  std::uint32_t total = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
  std::uint32_t skipped = 0;
  std::uint32_t done() const { return succeeded + failed + skipped; }
  friend bool operator==(const JobsBefore&, const JobsBefore&) = default;
};

/// What a rule says so far. Anything but `wait` is final: later outcomes never change it, so that
/// the order in which jobs end does not matter.
enum class Trigger : std::uint8_t { wait, run, skip, block };

Trigger trigger_of(TriggerRule rule, const JobsBefore& before);

/// Names as written in YAML.
std::string_view to_string(TriggerRule rule);
std::optional<TriggerRule> trigger_rule_from(std::string_view text);
std::span<const std::string_view> trigger_rule_names();

/// "2 succeeded, 1 failed, 1 has not ended".
std::string counts_text(const JobsBefore& before);

}  // namespace tallymill
