#include "jobs/keyed_reconcile.h"

#include "books/key_candidates.h"
#include "books/matching.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/break_outcome.h"
#include "jobs/completeness.h"
#include "jobs/match_planner.h"
#include "jobs/two_sided_statement.h"

namespace tallymill {
namespace {

using books::MatchClass;

/// Compares two sides key by key and keeps every difference as a break.
class KeyedReconcile final : public Job {
 public:
  explicit KeyedReconcile(const JobSpec& spec)
      : options_(spec.options), job_(spec.name), outcome_(spec) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    for (const char* which : {"left", "right"})
      for (const char* option : {"id", "date", "text", "columns"})
        if (options_.object(which).has(option))
          context.diagnostics().error(
              options_.object(which).position(option),
              "'" + std::string(option) + "' is for rows that match by stages",
              "add 'stages:', or compare it");
    planned_ = plan_match(context, options_, job_);
    if (!context.diagnostics().has_errors()) plan_completeness(context, options_, sides());
    outcome_.plan(context, planned_.breaks, planned_.books.amount);
    return outcome_.schemas();
  }
  void run(JobContext& context) override;

 private:
  std::map<std::string, SideAtHand> sides() const;
  std::vector<StatementLine> stated(const std::vector<MatchClass>& classes) const;
  std::string whole_key() const;

  Options options_;
  std::string job_;
  PlannedMatch planned_;
  BreakOutcome outcome_;
};

void KeyedReconcile::run(JobContext& context) {
  const std::vector<std::string> lacks = find_incomplete(context, options_, sides());
  books::Matching matching(context.engine(), planned_.books);
  matching.require_sound_keys();
  const std::vector<StatementLine> lines = stated(matching.classes());
  const std::int64_t written = outcome_.stage(
      context, books::with_candidates(context.engine(), planned_.books, matching.breaks()),
      whole_key());
  std::int64_t breaks = 0;
  for (const StatementLine& line : lines)
    if (line.rows.is_break()) breaks += line.rows.keys;
  if (breaks != written)
    throw Error(ErrorClass::bug, "the statement counts " + std::to_string(breaks) +
                                     " breaks, but others were written");
  // Counted without joining: the other side of the books.
  const TwoSides sides{.lines = lines,
                       .left = matching.totals(planned_.books.left),
                       .right = matching.totals(planned_.books.right),
                       .scale = planned_.books.amount.scale,
                       .has_currencies = planned_.books.currency.has_value()};
  context.result().rows_in = sides.rows();
  context.result().rows_out = breaks;
  outcome_.judge(context, lacks, sides.rows() == 0);
  state_two_sides(context, sides);
  close_two_sides(context, sides);
}

/// What `complete_when:` may ask about.
std::map<std::string, SideAtHand> KeyedReconcile::sides() const {
  std::map<std::string, SideAtHand> sides;
  for (const auto& [name, side] :
       {std::pair{"left", &planned_.books.left}, {"right", &planned_.books.right}}) {
    sides[name] = {.relation = united(side->relations),
                   .amount = side->aggregate == books::Aggregate::count ? "1" : side->amount,
                   .scale = planned_.books.amount.scale,
                   .has_currencies = planned_.books.currency.has_value(),
                   .dataset = SideOptions{options_.object(name)}.datasets().front()};
  }
  return sides;
}

/// The classes that this comparison can have.
std::vector<StatementLine> KeyedReconcile::stated(const std::vector<MatchClass>& classes) const {
  std::vector<StatementLine> stated;
  const books::MatchPlan& plan = planned_.books;
  for (const MatchClass& each : classes) {
    if (each.name == "currency" && !plan.pairs_currencies) continue;
    if (each.name == "duplicate" && !plan.pairs_duplicates) continue;
    if ((each.name == "quantity" || each.name == "timing" || each.name == "status") &&
        plan.compared.empty())
      continue;
    stated.push_back({each});
  }
  return stated;
}

/// A condition on a break: every part of its key is there, where that matters.
std::string KeyedReconcile::whole_key() const {
  std::vector<std::string> parts{"true"};
  if (planned_.books.missing_key == books::MissingKey::open)
    for (const Column& column : planned_.books.key)
      parts.push_back(quote_identifier(column.name) + " IS NOT NULL");
  return join(parts, " AND ");
}

}  // namespace

std::unique_ptr<Job> make_keyed_reconcile(const JobSpec& spec) {
  return std::make_unique<KeyedReconcile>(spec);
}

}  // namespace tallymill
