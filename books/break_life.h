#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/break_word.h"
#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// Up to where a difference may be written off by rule. Of all limits that apply to a break the
/// most restrictive counts: each must allow it.
struct WriteOffLimit {
  std::string name;
  std::string when = {};                   ///< SQL over a break; empty: applies to all
  std::optional<Int128> abs = {};          ///< units of the amount's scale
  std::optional<std::int64_t> share = {};  ///< of the larger side, units of 10^-9
  std::int64_t min_age = 0;                ///< days since the break was first seen
};

struct BreakLifePlan {
  Schema breaks;  ///< of a break: break_id, key, left_amount, right_amount, difference, class, ...
  Type amount;
  std::string period;                 ///< periods of one kind order like their texts
  std::string day;                    ///< its last day
  std::int64_t days = 0;              ///< how much older a break has become since the period before
  std::vector<std::int64_t> buckets;  ///< upper bounds of ages, ascending
  std::vector<WriteOffLimit> limits;
  std::vector<std::string> pending_causes = {};  ///< breaks of these causes are no finding yet
  std::string forget_before;  ///< breaks resolved in an earlier period are forgotten
};

/// One line of the statement: how many breaks, and the sum of their differences.
struct LifeLine {
  std::string name;
  std::string currency = {};  ///< empty: breaks have none
  std::int64_t breaks = 0;
  Int128 amount = 0;
};

/// What a break lives through, period by period.
///
/// A break is open from the period it is found in until it is closed: resolved (its difference is
/// gone), accepted, explained or written_off (by a person or a rule, while the difference stands).
/// A closed break opens again, under its id, when a resolved difference comes back or a closed one
/// changes. The state of a period is a function of the breaks found in it, the state of the period
/// before and what people said: order of rows and threads do not matter.
class BreakLife {
 public:
  BreakLife(Engine& engine, BreakLifePlan plan);

  /// Columns of a state: those of a break, then lifecycle (new, persisting, reopened, resolved,
  /// accepted, explained, written_off), first_seen, opened_in, closed_in (periods), closed_by, age
  /// in days, bucket, is_pending, pending_until, owner, note.
  static Schema schema(const Schema& breaks);

  /// Select of the state after `found` (relation of breaks), the state `before` and `words` (see
  /// make_words_table()).
  std::string state(const std::string& found, const std::string& before,
                    const std::string& words) const;

  /// opening, new, reopened, changed, resolved, accepted, explained, written_off, closing, of two
  /// states; of each currency where breaks have one. Lines after `changed` take away; `changed`
  /// counts open breaks of another amount.
  std::vector<LifeLine> statement(const std::string& now, const std::string& before) const;

 private:
  std::string met(const std::string& found, const std::string& before,
                  const std::string& words) const;
  std::string opened(const std::string& met) const;
  std::string judged(const std::string& opened) const;
  std::string within_limits() const;
  std::string bucket() const;

  Engine& engine_;
  BreakLifePlan plan_;
};

/// Whether amounts of breaks are of a currency each: the last column of their key.
bool tells_currency(const Schema& breaks);

/// SQL over a break: the digest of what a person sees: the difference, the class and, where other
/// columns are compared, their values on both sides.
std::string seen_difference_sql(const Schema& breaks);

/// Makes temporary table `name` of what people said.
void make_words_table(Engine& engine, const std::string& name,
                      const std::vector<Correction>& words);

/// Whether opening and movements come to closing, in breaks and amounts.
bool adds_up(const std::vector<LifeLine>& lines);

}  // namespace tallymill::books
