#include "jobs/staged_reconcile.h"

#include "core/error.h"
#include "core/text.h"
#include "jobs/break_outcome.h"
#include "jobs/completeness.h"
#include "jobs/match_planner.h"
#include "jobs/stage_planner.h"
#include "jobs/two_sided_statement.h"

namespace tallymill {
namespace {

/// Matches single rows stage by stage; what nothing matches is a break.
class StagedReconcile final : public Job {
 public:
  explicit StagedReconcile(const JobSpec& spec)
      : options_(spec.options), job_(spec.name), matches_(spec.name + ".matches"), outcome_(spec) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    planned_ = plan_stages(context, options_, job_);
    if (!context.diagnostics().has_errors()) plan_completeness(context, options_, sides());
    outcome_.plan(context, planned_.breaks, planned_.books.amount);
    std::map<std::string, Schema> schemas = outcome_.schemas();
    schemas[matches_] = planned_.matches;
    return schemas;
  }

  void run(JobContext& context) override {
    const std::vector<std::string> lacks = find_incomplete(context, options_, sides());
    books::StageMatching matching(context.engine(), planned_.books);
    matching.require_sound_currencies();
    std::vector<StatementLine> lines;
    std::int64_t breaks = 0;
    for (const books::StageLine& line : matching.lines()) {
      lines.push_back({.rows = {.name = line.name,
                                .currency = line.currency,
                                .keys = line.groups,
                                .left_rows = line.left_rows,
                                .right_rows = line.right_rows,
                                .left_amount = line.left_amount,
                                .right_amount = line.right_amount},
                       .ambiguous = line.ambiguous});
      if (line.is_break) breaks += line.groups;
    }
    if (breaks != outcome_.stage(context, matching.breaks(), whole_key()))
      throw Error(ErrorClass::bug, "the statement counts " + std::to_string(breaks) +
                                       " breaks, but others were written");
    context.stage({.dataset = matches_,
                   .select = matching.matches(),
                   .schema = planned_.matches,
                   .evidence = true});
    const TwoSides both{.lines = lines,
                        .left = matching.totals(true),
                        .right = matching.totals(false),
                        .scale = planned_.books.amount.scale,
                        .has_currencies = planned_.books.currency.has_value()};
    context.result().rows_in = both.rows();
    context.result().rows_out = breaks;
    outcome_.judge(context, lacks, both.rows() == 0);
    state_two_sides(context, both);
    close_two_sides(context, both);
  }

 private:
  std::map<std::string, SideAtHand> sides() const {
    std::map<std::string, SideAtHand> sides;
    for (const auto& [name, side] :
         {std::pair{"left", &planned_.books.left}, {"right", &planned_.books.right}})
      sides[name] = {.relation = united(side->relations),
                     .amount = side->amount,
                     .scale = planned_.books.amount.scale,
                     .has_currencies = planned_.books.currency.has_value(),
                     .dataset = SideOptions{options_.object(name)}.datasets().front()};
    return sides;
  }

  std::string whole_key() const {
    std::vector<std::string> parts{"true"};
    if (planned_.books.missing_key == books::MissingKey::open)
      for (const Column& column : planned_.books.key)
        parts.push_back(quote_identifier(column.name) + " IS NOT NULL");
    return join(parts, " AND ");
  }

  Options options_;
  std::string job_;
  std::string matches_;
  PlannedStages planned_;
  BreakOutcome outcome_;
};

}  // namespace

std::unique_ptr<Job> make_staged_reconcile(const JobSpec& spec) {
  return std::make_unique<StagedReconcile>(spec);
}

}  // namespace tallymill
