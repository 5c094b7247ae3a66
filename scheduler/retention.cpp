#include "scheduler/retention.h"

#include <chrono>

#include "scheduler/machine.h"

namespace tallymill {
namespace {

std::string words(const KeepRule& rule) {
  std::string text;
  if (rule.keep) text = "not among the newest " + std::to_string(*rule.keep);
  if (rule.days)
    text += (text.empty() ? "" : ", ") + std::string("older than ") + std::to_string(*rule.days) +
            (*rule.days == 1 ? " day" : " days");
  return text;
}

}  // namespace

KeepCount::KeepCount(const KeepRule& rule) : rule_(rule), why_(words(rule)) {
  if (rule_.days) limit_ = utc_after(-std::chrono::hours(24 * *rule_.days));
}

bool KeepCount::keeps(const std::string& instant) {
  ++seen_;
  if (!rule_.is_set()) return true;
  if (rule_.keep && seen_ <= *rule_.keep) return true;
  return rule_.days && instant > limit_;
}

}  // namespace tallymill
