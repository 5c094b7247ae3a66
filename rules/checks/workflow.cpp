#include <set>

#include "core/text.h"
#include "rules/check.h"
#include "rules/check_columns.h"
#include "rules/sequence_sql.h"

namespace tallymill {
namespace {

/// A state machine in rows: each row is an event that puts an entity into a state. Two states at
/// one position have no order, so both fail.
class Workflow final : public Check {
 public:
  explicit Workflow(const Options& options)
      : options_(options),
        state_(options.text("state")),
        entity_(options.columns("entity")),
        by_(options.columns("by")),
        start_(options.texts("start")) {}

  CheckPlan plan(CheckContext& context) override {
    CheckPlan plan;
    const Column* state = context.column(state_, options_.position("state"));
    if (state == nullptr || !check_columns(context, entity_, options_.position("entity")) ||
        !check_columns(context, by_, options_.position("by")))
      return plan;
    if (state->type.sql() != "VARCHAR") {
      context.diagnostics().error(
          options_.position("state"),
          "column '" + state_ + "' is " + state->type.name() + "; a state is text");
      return plan;
    }
    if (!read_moves(context)) return plan;
    const SequenceSql sequence{entity_, by_, {state_}};
    plan.columns = sequence.columns();
    plan.needs = plan.columns;
    plan.fails = FailingKeys{plan.columns, select(sequence), ""};
    plan.expected = "a state that may follow the one before, or first " + join(start_, " or ");
    return plan;
  }

 private:
  bool read_moves(CheckContext& context) {
    const YamlNode moves = options_.node("moves");
    std::set<std::string> known(start_.begin(), start_.end());
    for (std::size_t i = 0; i < moves.size(); ++i)
      for (std::size_t j = 0; j < moves[i].size(); ++j) {
        moves_.emplace_back(moves.key(i).text(), moves[i][j].text());
        known.emplace(moves[i][j].text());
      }
    bool is_sound = true;
    for (std::size_t i = 0; i < moves.size(); ++i) {
      const std::string from(moves.key(i).text());
      if (known.contains(from)) continue;
      context.diagnostics().error(
          moves.key(i).position(), "nothing leads to state '" + from + "'",
          did_you_mean(from, std::vector<std::string>(known.begin(), known.end())));
      is_sound = false;
    }
    return is_sound;
  }

  std::function<std::string(const std::string&)> select(const SequenceSql& sequence) const {
    const std::string cell = quote_identifier(state_);
    const std::string before = "\"tm:before\"";
    const std::vector<std::string> derived{
        "max(" + cell + ") over (" + sequence.window() +
            " groups between 1 preceding and 1 preceding) as " + before,
        "count(*) over (" + sequence.position() + ") as \"tm:together\""};
    std::vector<std::string> starts;
    for (const std::string& name : start_) starts.push_back(quote_literal(name));
    std::vector<std::string> allowed;
    for (const auto& [from, to] : moves_)
      allowed.push_back("(" + quote_literal(from) + ", " + quote_literal(to) + ")");
    std::string fails = "\"tm:together\" > 1 or \"tm:n\" > 1 or case when " + before +
                        " is null then " + cell + " not in (" + join(starts, ", ") + ") else ";
    fails += allowed.empty()
                 ? "true end"
                 : "(" + before + ", " + cell + ") not in (" + join(allowed, ", ") + ") end";
    return [sequence, derived, fails](const std::string& rows) {
      return sequence.select(rows, derived, fails);
    };
  }

  Options options_;
  std::string state_;
  std::vector<std::string> entity_;
  std::vector<std::string> by_;
  std::vector<std::string> start_;
  std::vector<std::pair<std::string, std::string>> moves_;
};

}  // namespace

void register_workflow(Registry<CheckType>& checks) {
  checks.add({
      .name = "workflow",
      .summary =
          "The events of an entity follow a state machine: each state may come after the last.",
      .options =
          {{"state", OptionKind::column, "Text column with the state of an event.", true},
           {"entity", OptionKind::columns, "Columns that say whose event it is.", true},
           {"by", OptionKind::columns, "Columns that say which event comes first.", true},
           {"start", OptionKind::columns, "State or states that may come first.", true},
           {"moves",
            OptionKind::map,
            "For each state the list of those that may follow; a state may only follow itself "
            "where it is listed.",
            true,
            "",
            {},
            {{"", OptionKind::list, "", false, "", {}, {{"", OptionKind::text}}}}}},
      .make = [](const Options& options) { return std::make_unique<Workflow>(options); },
  });
}

}  // namespace tallymill
