#include "scheduler/trigger_rule.h"

#include <array>
#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 12> kNames{"all_success",  "all_failed",
                                                  "all_done",     "all_done_min_one_success",
                                                  "all_skipped",  "one_failed",
                                                  "one_success",  "one_done",
                                                  "none_failed",  "none_failed_min_one_success",
                                                  "none_skipped", "always"};

/// Rules that one outcome is enough for: `met` decides at once, else the last one to end does.
Trigger one_of(bool met, const JobsBefore& before, Trigger otherwise) {
  if (met) return Trigger::run;
  return before.done() < before.total ? Trigger::wait : otherwise;
}

/// Rules that one outcome breaks: `broken` decides at once, else the last one to end does.
Trigger all_of(bool broken, Trigger when_broken, const JobsBefore& before, Trigger at_the_end) {
  if (broken) return when_broken;
  return before.done() < before.total ? Trigger::wait : at_the_end;
}

}  // namespace

Trigger trigger_of(TriggerRule rule, const JobsBefore& before) {
  // A job that waits for nobody, perhaps because a rerun left all before it out, just runs.
  if (before.total == 0) return Trigger::run;
  const bool failed = before.failed > 0;
  const bool skipped = before.skipped > 0;
  const bool succeeded = before.succeeded > 0;
  // Without a success: behind a failure nothing can come of it, behind skipped ones it is skipped.
  const Trigger fruitless = failed ? Trigger::block : Trigger::skip;
  switch (rule) {
    case TriggerRule::all_success:
      return all_of(failed, Trigger::block, before, skipped ? Trigger::skip : Trigger::run);
    case TriggerRule::all_failed:
      return all_of(succeeded || skipped, Trigger::skip, before, Trigger::run);
    case TriggerRule::all_done:
      return all_of(false, Trigger::wait, before, Trigger::run);
    case TriggerRule::all_done_min_one_success:
      return all_of(false, Trigger::wait, before, succeeded ? Trigger::run : fruitless);
    case TriggerRule::all_skipped:
      return all_of(succeeded || failed, Trigger::skip, before, Trigger::run);
    case TriggerRule::one_failed:
      return one_of(failed, before, Trigger::skip);
    case TriggerRule::one_success:
      return one_of(succeeded, before, fruitless);
    case TriggerRule::one_done:
      return one_of(succeeded || failed, before, Trigger::skip);
    case TriggerRule::none_failed:
      return all_of(failed, Trigger::block, before, Trigger::run);
    case TriggerRule::none_failed_min_one_success:
      return all_of(failed, Trigger::block, before, succeeded ? Trigger::run : Trigger::skip);
    case TriggerRule::none_skipped:
      return all_of(skipped, Trigger::skip, before, Trigger::run);
    case TriggerRule::always:
      break;
  }
  return Trigger::run;
}

std::string_view to_string(TriggerRule rule) { return kNames[static_cast<std::size_t>(rule)]; }

std::optional<TriggerRule> trigger_rule_from(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == text) return static_cast<TriggerRule>(i);
  return std::nullopt;
}

std::span<const std::string_view> trigger_rule_names() { return kNames; }

std::string counts_text(const JobsBefore& before) {
  std::vector<std::string> parts;
  const auto add = [&](std::uint32_t count, const char* what) {
    if (count > 0) parts.push_back(std::to_string(count) + " " + what);
  };
  add(before.succeeded, "succeeded");
  add(before.failed, "failed");
  add(before.skipped, "skipped");
  const std::uint32_t open = before.total - before.done();
  add(open, open == 1 ? "has not ended" : "have not ended");
  return parts.empty() ? "none before it" : join(parts, ", ");
}

}  // namespace tallymill
