#include "scheduler/trigger_rule.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/text.h"

using namespace tallymill;

namespace {

/// s succeeded, f failed, k skipped, . has not ended.
Trigger after(const std::string& rule, const std::string& outcomes) {
  JobsBefore before;
  for (const char outcome : outcomes) {
    ++before.total;
    before.succeeded += outcome == 's';
    before.failed += outcome == 'f';
    before.skipped += outcome == 'k';
  }
  return trigger_of(trigger_rule_from(rule).value(), before);
}

struct Row {
  const char* rule;
  const char* outcomes;
  Trigger says;
};

}  // namespace

TEST_CASE("trigger rule: each says what its name says, as soon as it can") {
  using enum Trigger;
  const Row rows[] = {
      {"all_success", "ss", run},
      {"all_success", "s.", wait},
      {"all_success", "f.", block},
      {"all_success", "k.", wait},  // a failure may follow, and then it is blocked
      {"all_success", "ks", skip},
      {"all_success", "kf", block},
      {"all_failed", "ff", run},
      {"all_failed", "f.", wait},
      {"all_failed", "s.", skip},
      {"all_failed", "fk", skip},
      {"all_done", "s.", wait},
      {"all_done", "sfk", run},
      {"all_done_min_one_success", "sfk", run},
      {"all_done_min_one_success", "s..", wait},
      {"all_done_min_one_success", "fk", block},
      {"all_done_min_one_success", "kk", skip},
      {"all_skipped", "kk", run},
      {"all_skipped", "s.", skip},
      {"all_skipped", "f.", skip},
      {"one_failed", "f.", run},
      {"one_failed", "s.", wait},
      {"one_failed", "sk", skip},
      {"one_success", "s.", run},
      {"one_success", "f.", wait},
      {"one_success", "fk", block},
      {"one_success", "kk", skip},
      {"one_done", "s.", run},
      {"one_done", "f.", run},
      {"one_done", "k.", wait},
      {"one_done", "kk", skip},
      {"none_failed", "sk", run},
      {"none_failed", "k.", wait},
      {"none_failed", "f.", block},
      {"none_failed", "kk", run},
      {"none_failed_min_one_success", "sk", run},
      {"none_failed_min_one_success", "kk", skip},
      {"none_failed_min_one_success", "f.", block},
      {"none_skipped", "sf", run},
      {"none_skipped", "s.", wait},
      {"none_skipped", "k.", skip},
      {"always", "..", run},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CAPTURE(row.outcomes);
    CHECK(after(row.rule, row.outcomes) == row.says);
  }
}

TEST_CASE("trigger rule: a job that waits for nobody runs, whatever its rule") {
  for (const std::string_view rule : trigger_rule_names())
    CHECK(after(std::string(rule), "") == Trigger::run);
}

TEST_CASE("trigger rule: every rule has decided when all have ended, and never goes back on it") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& picks) {
    std::string outcomes(1 + picks.size() % 6, '.');
    for (const std::string_view name : trigger_rule_names()) {
      const std::string rule(name);
      std::string so_far(outcomes.size(), '.');
      Trigger decided = after(rule, so_far);
      for (std::size_t i = 0; i < so_far.size(); ++i) {
        so_far[i] = "sfk"[(i < picks.size() ? picks[i] : 0) % 3];
        const Trigger now = after(rule, so_far);
        RC_ASSERT(decided == Trigger::wait || decided == now);
        decided = now;
      }
      RC_ASSERT(decided != Trigger::wait);
    }
  }));
}
