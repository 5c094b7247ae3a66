#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/break_word.h"
#include "core/time/date.h"
#include "verify/break_history.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"
#include "verify/sides.h"

namespace tallymill::verify {

/// What a break has become.
struct Life {
  std::string lifecycle;
  std::string first_seen;
  std::string opened_in;
  std::optional<std::string> closed_in = {};
  std::optional<std::string> closed_by = {};
  std::int64_t age = 0;
};

/// What `life` makes of breaks in a period.
class BreakLives {
 public:
  /// All outlive it. `scale`: of the breaks' amounts.
  BreakLives(const RecordedJob& job, const BreakShape& shape, int scale)
      : job_(job), options_(job.options.object("life")), shape_(shape), scale_(scale) {}

  /// Reads the options. Gives what is not known about them; nothing: all is.
  std::string plan();

  const std::string& period() const { return period_; }
  /// No period before has anything to carry forward.
  bool is_first() const { return is_first_; }
  /// Of each limit the condition on a break, as SQL.
  std::vector<std::string> conditions() const;

  /// Of a break that was found. `applies`: where the limits' conditions stand in the row.
  Life found_again(const Row& row, std::size_t applies, const BreakSeen& seen,
                   const BreakKnown* known, const BreakSaid* said) const;
  /// Of a break that was not found.
  Life gone(const BreakKnown& known) const;
  std::string bucket(std::int64_t age) const;
  /// Open, but no finding yet: for its cause, or because a person said so.
  bool is_pending(const Row& row, const Life& life, const BreakSaid* said) const;
  /// Not forgotten yet.
  bool is_kept(const Life& life) const {
    return life.lifecycle != "resolved" || (life.closed_in && *life.closed_in >= forget_before_);
  }
  static bool was_open(const BreakKnown& known) { return !known.closed_in; }

 private:
  /// Up to where a difference is written off.
  struct Limit {
    std::string name;
    std::string when;  ///< SQL over a break; empty: all
    std::optional<Int128> abs = {};
    Tolerance by_size = Tolerance::none();  ///< with a share
    bool has_share = false;
    std::int64_t min_age = 0;
  };

  bool tells_currency() const;
  std::string plan_limits();
  std::optional<std::string> within_limits(const Row& row, std::size_t applies,
                                           std::int64_t age) const;
  void close(const Row& row, std::size_t applies, const BreakSaid* said, Life& life) const;

  const RecordedJob& job_;
  Options options_;
  const BreakShape& shape_;
  int scale_;
  Date day_ = {};  ///< the last one of the period
  std::string period_ = {};
  std::string forget_before_ = {};
  bool is_first_ = false;
  std::int64_t days_ = 0;
  std::vector<std::int64_t> buckets_ = {};
  std::vector<std::string> pending_causes_ = {};
  std::vector<Limit> limits_ = {};
};

}  // namespace tallymill::verify
