#include "verify/break_lives.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/time/period.h"

namespace tallymill::verify {
namespace {

constexpr std::int64_t kPeriodsKept = 12;

}  // namespace

std::string BreakLives::plan() {
  if (tells_currency()) return "amounts are of several currencies";
  const auto period = Period::parse(job_.period);
  if (!period) return "the run is of no period";
  day_ = period->last_day();
  period_ = period->text();
  const auto keep = std::clamp<std::int64_t>(options_.integer("keep", kPeriodsKept), 0, 10000);
  forget_before_ = period->next(-static_cast<int>(keep)).text();
  is_first_ = options_.text("since") == job_.period;
  days_ = period->last_day().days - period->first_day().days + 1;
  if (options_.has("days")) {
    const auto days = job_.expressions.find("life days");
    const auto parsed = parse_integer(days == job_.expressions.end() ? "" : days->second);
    if (!parsed) return "how many days it is older is not known";
    days_ = parsed.value;
  }
  buckets_ = {7, 30, 90};
  if (options_.has("buckets")) {
    buckets_.clear();
    for (const YamlNode& node : options_.list("buckets"))
      buckets_.push_back(node.as_integer().value_or(0));
  }
  if (job_.options.has("pending")) pending_causes_ = job_.options.texts("pending");
  return plan_limits();
}

/// A currency stands right behind the key.
bool BreakLives::tells_currency() const {
  const std::size_t amount = shape_.place("left_amount");
  return amount > 0 && shape_.columns()[amount - 1].name == "currency";
}

std::string BreakLives::plan_limits() {
  if (!options_.has("write_off")) return {};
  std::size_t number = 0;
  for (const YamlNode& node : options_.list("write_off")) {
    const Options given(node);
    Limit limit{.name = given.text("name"), .when = {}, .min_age = given.integer("min_age")};
    if (given.has("when")) {
      const auto when = job_.expressions.find("write_off " + std::to_string(number));
      if (when == job_.expressions.end()) return "the condition of a limit is not known";
      limit.when = when->second;
    }
    limit.has_share = given.has("share");
    if (given.has("abs")) {
      limit.abs = number_of_text(job_, given.text("abs"), scale_);
      if (!limit.abs) return "a limit of a parameter that is not known";
    }
    if (limit.has_share) {
      const auto by_size = Tolerance::of_share(job_, given.text("share"), limit.abs);
      if (!by_size) return "a limit of a parameter that is not known";
      limit.by_size = *by_size;
    }
    limits_.push_back(std::move(limit));
    ++number;
  }
  return {};
}

std::vector<std::string> BreakLives::conditions() const {
  std::vector<std::string> conditions;
  for (const Limit& limit : limits_)
    conditions.push_back(limit.when.empty() ? "true" : "coalesce((" + limit.when + "\n), false)");
  return conditions;
}

/// The names of the limits that apply, if all of them allow the difference.
std::optional<std::string> BreakLives::within_limits(const Row& row, std::size_t applies,
                                                     std::int64_t age) const {
  static const std::array<std::string_view, 4> kOfAmounts{"amount", "left_only", "right_only",
                                                          "duplicate"};
  const std::size_t what = shape_.place("class");
  if (row.is_null(what) || std::ranges::find(kOfAmounts, row.text(what)) == kOfAmounts.end())
    return std::nullopt;
  const auto units = [&](const char* name) -> Int128 {
    const std::size_t column = shape_.place(name);
    return row.is_null(column) ? Int128{0} : row.units(column);
  };
  const Int128 difference = units("difference");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const Limit& limit = limits_[i];
    if (row.is_null(applies + i) || row.units(applies + i) == 0) continue;
    const Int128 allowed = limit.has_share
                               ? limit.by_size.allowed(units("left_amount"), units("right_amount"))
                               : limit.abs.value_or(0);
    if (age < limit.min_age || (difference < 0 ? -difference : difference) > allowed)
      return std::nullopt;
    names.push_back(limit.name);
  }
  return names.empty() ? std::nullopt : std::optional(join(names, ", "));
}

/// What closes an open break: a person's word before a rule of the job, that before limits.
void BreakLives::close(const Row& row, std::size_t applies, const BreakSaid* said,
                       Life& life) const {
  if (said != nullptr && said->resolution == kOpen) return;
  if (said != nullptr && said->resolution && said->in >= life.opened_in &&
      said->seen == shape_.digest(row)) {
    life.lifecycle = *said->resolution;
    life.closed_by = said->by;
  } else if (const auto rule = job_.options.has("accept") ? row.printed(shape_.place("accepted_as"))
                                                          : std::nullopt) {
    life.lifecycle = kAccepted;
    life.closed_by = "rule " + *rule;
  } else if (const auto limits = within_limits(row, applies, life.age)) {
    life.lifecycle = kWrittenOff;
    life.closed_by = "limit " + *limits;
  } else {
    return;
  }
  life.closed_in = period_;
}

Life BreakLives::gone(const BreakKnown& known) const {
  Life life{.lifecycle = "resolved",
            .first_seen = known.first_seen.value_or(period_),
            .opened_in = known.opened_in.value_or(""),
            .closed_in = period_,
            .age = known.age + days_};
  if (!was_open(known)) {
    life.closed_in = known.closed_in;
    life.closed_by = known.closed_by;
  }
  return life;
}

Life BreakLives::found_again(const Row& row, std::size_t applies, const BreakSeen& seen,
                             const BreakKnown* known, const BreakSaid* said) const {
  Life life{.lifecycle = "new", .first_seen = period_, .opened_in = period_};
  if (known != nullptr) {
    life.first_seen = known->first_seen.value_or(period_);
    life.age = known->age + days_;
    const bool comes_back = !was_open(*known) && (known->lifecycle == "resolved" ||
                                                  seen.difference != known->seen.difference ||
                                                  (said != nullptr && said->resolution == kOpen));
    life.lifecycle = comes_back ? "reopened" : "persisting";
    if (!comes_back) life.opened_in = known->opened_in.value_or("");
    if (!was_open(*known) && !comes_back) {
      life.lifecycle = known->lifecycle;
      life.closed_in = known->closed_in;
      life.closed_by = known->closed_by;
      return life;
    }
  }
  close(row, applies, said, life);
  return life;
}

std::string BreakLives::bucket(std::int64_t age) const {
  std::int64_t from = 0;
  for (const std::int64_t bound : buckets_) {
    if (age <= bound)
      return from == bound ? std::to_string(from)
                           : std::to_string(from) + "-" + std::to_string(bound);
    from = bound + 1;
  }
  return std::to_string(from) + "+";
}

bool BreakLives::is_pending(const Row& row, const Life& life, const BreakSaid* said) const {
  if (life.closed_in) return false;
  const auto cause = row.printed(shape_.place("cause"));
  if (cause && std::ranges::find(pending_causes_, *cause) != pending_causes_.end()) return true;
  if (said == nullptr || !said->pending_until) return false;
  const auto until = parse_date(*said->pending_until);
  return until && until.value >= day_;
}

}  // namespace tallymill::verify
