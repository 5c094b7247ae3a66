#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/job.h"
#include "jobs/open_breaks.h"

namespace tallymill {

/// What breaks of a reconcile job do to the dataset it gates.
OnFail on_fail_of(const Options& job);

/// What becomes of the breaks a reconcile job found, however it found them: their cause, what rules
/// say of them, their life, and the verdict.
class BreakOutcome {
 public:
  explicit BreakOutcome(const JobSpec& spec);

  /// Binds the rules over `breaks`, the columns of a break without its cause, whose amounts are of
  /// type `amount`; reports what does not fit.
  void plan(JobContext& context, const Schema& breaks, const Type& amount);
  /// Of `<job>.breaks` and what `life:` makes.
  const std::map<std::string, Schema>& schemas() const { return schemas_; }

  /// Stages the breaks `select` gives. `whole_key` is a condition: false where a part of the key is
  /// missing that should not be. Returns their number.
  std::int64_t stage(JobContext& context, const std::string& select, const std::string& whole_key);
  /// Carries breaks forward, tells causes, findings and the verdict, and sets the gate. `lacks` is
  /// what the input lacks; `is_empty`: there was nothing to compare.
  void judge(JobContext& context, const std::vector<std::string>& lacks, bool is_empty);

 private:
  struct Findings {
    std::int64_t breaks = 0;
    std::int64_t pending = 0;
  };

  std::string bind_rule(JobContext& context, const char* option, RuleKind kind,
                        const Schema& breaks) const;
  std::string with_rules(const std::string& breaks) const;
  void state_causes(JobContext& context) const;
  Findings count_findings(JobContext& context) const;

  Options options_;
  std::string dataset_;  ///< <job>.breaks
  Type amount_;
  std::string accepted_;  ///< SQL call of the match rule over a break; empty: none
  std::string cause_;     ///< SQL call of the break rule over a break; empty: none
  std::optional<OpenBreaks> life_;
  std::map<std::string, Schema> schemas_;
};

}  // namespace tallymill
