#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "books/break_life.h"
#include "jobs/job.h"

namespace tallymill {

/// `life:` of a reconcile job: what becomes of its breaks from period to period.
OptionSpec life_option();

/// The datasets that `life:` makes, and those of the period before that it reads.
void shape_life(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics);

/// Carries the breaks of a job forward: `<job>.open_breaks` is the state at the end of a period,
/// `<job>.break_statement` says how it came out of the state before and is chained to it.
class OpenBreaks {
 public:
  /// Checks the options against the `breaks` the job finds, whose amounts are of type `amount`.
  OpenBreaks(JobContext& context, const Options& options, const Schema& breaks, Type amount);

  const std::map<std::string, Schema>& schemas() const { return schemas_; }
  /// How many breaks are open: findings, and those that are none yet.
  struct Open {
    std::int64_t findings = 0;
    std::int64_t pending = 0;
  };
  /// Stages both datasets and tells in the report. Throws Error(data) if the state before is not
  /// there or does not add up to its statement.
  Open run(JobContext& context, const std::string& found);

 private:
  void plan_ages(JobContext& context);
  void plan_since(JobContext& context);
  void plan_limits(JobContext& context);
  std::string before(JobContext& context) const;
  void check_closing(JobContext& context, const std::vector<books::LifeLine>& lines) const;
  std::string statement_select(JobContext& context, const std::vector<books::LifeLine>& lines,
                               const std::string& carried_from) const;
  void report(JobContext& context, const std::vector<books::LifeLine>& lines,
              const std::string& words) const;
  bool is_first(JobContext& context) const;

  Options options_;
  books::BreakLifePlan plan_;
  std::string since_;
  std::map<std::string, Schema> schemas_;
  std::string state_;      ///< dataset
  std::string statement_;  ///< dataset
};

}  // namespace tallymill
