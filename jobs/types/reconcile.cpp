#include <algorithm>
#include <optional>

#include "books/matching.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"
#include "jobs/match_planner.h"
#include "jobs/open_breaks.h"

namespace tallymill {
namespace {

using books::MatchClass;
using books::MatchSideTotals;

constexpr const char* kLeft = "left";
constexpr const char* kRight = "right";

OnFail on_fail_of(const Options& options) {
  // Naming the gated dataset already says that breaks should stop something.
  const std::string word = options.text("on_fail", options.has("gates") ? "block" : "warn");
  if (word == "block") return OnFail::block;
  return word == "fail" ? OnFail::fail : OnFail::warn;
}

/// Compares two sides key by key and keeps every difference as a break.
class Reconcile final : public Job {
 public:
  explicit Reconcile(const JobSpec& spec) : options_(spec.options), breaks_(spec.name + ".breaks") {
    job_ = spec.name;
  }

  std::map<std::string, Schema> plan(JobContext& context) override {
    planned_ = plan_match(context, options_, job_);
    std::map<std::string, Schema> schemas{{breaks_, planned_.breaks}};
    if (!options_.has("life")) return schemas;
    life_.emplace(context, options_, planned_.breaks, planned_.books.amount);
    schemas.insert(life_->schemas().begin(), life_->schemas().end());
    return schemas;
  }
  void run(JobContext& context) override;

 private:
  void state(JobContext& context, const std::vector<MatchClass>& classes,
             const MatchSideTotals& left, const MatchSideTotals& right) const;
  std::string judged_breaks(JobContext& context, const books::Matching& matching) const;
  void state_rules(JobContext& context, const std::string& table) const;
  void judge(TaskResult& result, std::int64_t breaks, bool is_empty) const;
  void close(JobContext& context, const std::vector<MatchClass>& classes,
             const MatchSideTotals& left, const MatchSideTotals& right) const;

  Options options_;
  std::string job_;
  std::string breaks_;
  PlannedMatch planned_;
  std::optional<OpenBreaks> life_;  ///< of `life:`
};

void Reconcile::run(JobContext& context) {
  const books::Matching matching(context.engine(), planned_.books);
  matching.require_unique_keys();
  const std::vector<MatchClass> classes = matching.classes();
  const std::string judged = judged_breaks(context, matching);
  context.stage({.dataset = breaks_,
                 .select = judged.empty() ? matching.breaks() : "SELECT * FROM " + judged,
                 .schema = planned_.breaks,
                 .evidence = true});
  std::int64_t breaks = 0;
  for (const MatchClass& each : classes)
    if (each.is_break()) breaks += each.keys;
  if (breaks != staged(context, breaks_).rows)
    throw Error(ErrorClass::bug, "the statement counts " + std::to_string(breaks) +
                                     " breaks, but others were written");
  // Counted without grouping or joining: the other side of the books.
  const MatchSideTotals left = matching.totals(planned_.books.left);
  const MatchSideTotals right = matching.totals(planned_.books.right);
  TaskResult& result = context.result();
  result.rows_in = left.rows + right.rows;
  result.rows_out = breaks;
  std::int64_t accepted = 0;
  if (!planned_.accepted.empty())
    accepted = context.engine().query("SELECT count(accepted_as) FROM " + judged).integer(0, 0);
  const std::int64_t open =
      life_ ? life_->run(context, staged_relation(context, breaks_)) : breaks - accepted;
  judge(result, open, left.rows == 0 && right.rows == 0);
  state(context, classes, left, right);
  if (!judged.empty()) state_rules(context, judged);
  close(context, classes, left, right);
}

/// A table of the breaks with what rules say of them; empty without rules. A rule that raises on a
/// break accepts nothing, and is its cause. Only amounts of both sides can match.
std::string Reconcile::judged_breaks(JobContext& context, const books::Matching& matching) const {
  if (planned_.accepted.empty() && planned_.cause.empty()) return {};
  std::string calls;
  std::string columns;
  std::vector<std::string> excluded;
  const auto add = [&](const std::string& call, const std::string& name, const std::string& value) {
    if (call.empty()) return;
    calls += ", " + call + " AS \"tm:" + name + "\"";
    columns += ", " + value + " AS " + name;
    excluded.push_back("\"tm:" + name + "\"");
  };
  add(planned_.accepted, "accepted_as",
      "CASE WHEN class = 'amount' THEN \"tm:accepted_as\".accepted_as END");
  add(planned_.cause, "cause",
      "CASE WHEN \"tm:cause\".error IS NOT NULL THEN 'rule_error' ELSE \"tm:cause\".cause END");
  std::string table = "tm_judged_breaks";
  context.engine().execute("CREATE TEMP TABLE " + table + " AS SELECT * EXCLUDE (" +
                           join(excluded, ", ") + ")" + columns + " FROM (SELECT *" + calls +
                           " FROM (" + matching.breaks() + "))");
  return table;
}

/// Breaks and their differences by what the rules said.
void Reconcile::state_rules(JobContext& context, const std::string& table) const {
  const auto count = [&](const char* column) {
    json::array lines;
    const Rows rows = context.engine().query("SELECT " + std::string(column) +
                                             ", count(*), sum(difference)::VARCHAR FROM " + table +
                                             " GROUP BY 1 ORDER BY 1 NULLS LAST");
    for (std::size_t i = 0; i < rows.cells.size(); ++i)
      lines.push_back(json::object{{column, rows.cells[i][0].value_or("")},
                                   {"breaks", rows.integer(i, 1)},
                                   {"difference", rows.cells[i][2].value_or("0")}});
    return lines;
  };
  if (!planned_.accepted.empty()) context.result().report["accepted"] = count("accepted_as");
  if (!planned_.cause.empty()) context.result().report["causes"] = count("cause");
}

/// Nothing compared is no agreement: neither pass nor fail.
void Reconcile::judge(TaskResult& result, std::int64_t breaks, bool is_empty) const {
  result.report["verdict"] = is_empty ? "not_applicable" : breaks == 0 ? "pass" : "fail";
  const bool empty_fails = options_.text("empty", "warn") == "fail";
  const bool breaks_warn = options_.text("severity", "error") == "warn";
  const bool only_warns = is_empty ? !empty_fails : breaks_warn;
  (only_warns ? result.findings_warn : result.findings_error) = is_empty ? 1 : breaks;
  if (on_fail_of(options_) != OnFail::warn)
    result.gate = {{"dataset", options_.text("gates")}, {"passed", result.findings_error == 0}};
}

/// The statement: what both sides have, what became of it, and that nothing is left unexplained.
void Reconcile::state(JobContext& context, const std::vector<MatchClass>& classes,
                      const MatchSideTotals& left, const MatchSideTotals& right) const {
  const int scale = planned_.books.amount.scale;
  const auto side = [&](const MatchSideTotals& totals) {
    return json::object{{"rows", totals.rows}, {"amount", format_decimal(totals.amount, scale)}};
  };
  json::array lines;
  Int128 explained = 0;
  for (const MatchClass& each : classes) {
    const Int128 difference = each.left_amount - each.right_amount;
    explained += difference;
    lines.push_back(json::object{{"class", each.name},
                                 {"keys", each.keys},
                                 {"left_rows", each.left_rows},
                                 {"right_rows", each.right_rows},
                                 {"left_amount", format_decimal(each.left_amount, scale)},
                                 {"right_amount", format_decimal(each.right_amount, scale)},
                                 {"difference", format_decimal(difference, scale)}});
  }
  const Int128 gap = left.amount - right.amount;
  context.result().report["statement"] = {{"left", side(left)},
                                          {"right", side(right)},
                                          {"difference", format_decimal(gap, scale)},
                                          {"classes", std::move(lines)},
                                          {"residual", format_decimal(gap - explained, scale)}};
}

/// Every row of both sides is in exactly one class, with its amount.
void Reconcile::close(JobContext& context, const std::vector<MatchClass>& classes,
                      const MatchSideTotals& left, const MatchSideTotals& right) const {
  const int scale = planned_.books.amount.scale;
  Ledger ledger({{"left_amount", scale}, {"right_amount", scale}});
  ledger.debit(kLeft).rows = left.rows;
  ledger.debit(kLeft).amounts["left_amount"] = left.amount;
  ledger.debit(kRight).rows = right.rows;
  ledger.debit(kRight).amounts["right_amount"] = right.amount;
  for (const MatchClass& each : classes) {
    Ledger::Entry& credit = ledger.credit(each.name);
    credit.rows = each.left_rows + each.right_rows;
    credit.amounts["left_amount"] = each.left_amount;
    credit.amounts["right_amount"] = each.right_amount;
  }
  close_books(context, ledger);
}

void shape_side(const Options& options, const std::string& which, JobShape& shape,
                Diagnostics& diagnostics) {
  const SideOptions side{options.object(which)};
  if (side.options.has("dataset") == side.options.has("datasets"))
    diagnostics.error(side.options.node().position(),
                      "the " + which + " side needs either 'dataset' or 'datasets'");
  const bool is_one = side.options.has("dataset");
  if (!is_one && side.options.has("as"))
    diagnostics.error(side.options.position("as"), "'as' names one dataset, not several");
  for (const std::string& dataset :
       is_one ? std::vector{side.options.text("dataset")} : side.options.texts("datasets")) {
    DatasetUse use{dataset, side.where()};
    read_periods(side.options.node(), use, diagnostics);
    if (!is_one) use.as.clear();
    add_input(std::move(use), shape, diagnostics);
  }
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  shape_side(options, kLeft, shape, diagnostics);
  shape_side(options, kRight, shape, diagnostics);
  shape.evidence.push_back({spec.name + ".breaks", spec.where});
  shape.on_fail = on_fail_of(options);
  if (shape.on_fail != OnFail::warn && !options.has("gates"))
    diagnostics.error(options.position("on_fail"),
                      "on_fail '" + options.text("on_fail") + "' needs the dataset it keeps back",
                      "add 'gates: <dataset>'");
  if (shape.on_fail == OnFail::warn && options.has("gates"))
    diagnostics.error(options.position("gates"), "on_fail 'warn' gates nothing",
                      "use on_fail: block or fail, or leave 'gates' out");
  if (shape.on_fail != OnFail::warn) shape.gates = options.text("gates");
  shape_life(spec, shape, diagnostics);
  for (const char* option : {"accept", "classify"}) {
    if (!options.has(option)) continue;
    const YamlNode node = options.node(option);
    const Options rule = node.is_mapping() ? Options(node) : Options(node, "rule");
    shape.files.push_back({"rules/" + rule.text("rule") + ".lua", rule.position("rule")});
  }
}

OptionSpec rule_option(const char* name, const char* summary) {
  return {.name = name,
          .kind = OptionKind::object,
          .summary = summary,
          .fields = {{.name = "rule",
                      .kind = OptionKind::name,
                      .summary = "rules/<name>.lua.",
                      .required = true},
                     {.name = "params",
                      .kind = OptionKind::map,
                      .summary = "Values of the rule's parameters; param(name) for the run's.",
                      .fields = {{.name = "parameter", .kind = OptionKind::text}}}}};
}

OptionSpec side_option(const char* name, const char* summary) {
  OptionSpec side{
      .name = name,
      .kind = OptionKind::object,
      .summary = summary,
      .required = true,
      .fields = {
          {.name = "dataset", .kind = OptionKind::name, .summary = "The dataset of this side."},
          {.name = "datasets",
           .kind = OptionKind::list,
           .summary = "Several datasets that are this side together.",
           .fields = {{.name = "dataset", .kind = OptionKind::name}}},
          {.name = "key",
           .kind = OptionKind::columns,
           .summary = "Columns to compare by, in the order of the other side's; [] "
                      "compares grand totals.",
           .required = true,
           .may_be_empty = true},
          {.name = "amount",
           .kind = OptionKind::column,
           .summary = "Column to compare; not needed with aggregate: count."},
          {.name = "aggregate",
           .kind = OptionKind::choice,
           .summary = "Several rows a key: their sum, or how many they are. Without it "
                      "a repeated key is an error.",
           .choices = {"sum", "count"}},
          {.name = "where",
           .kind = OptionKind::expression,
           .summary = "Condition; only rows it is true for take part."}}};
  for (OptionSpec& option : period_options()) side.fields.push_back(std::move(option));
  return side;
}

std::vector<OptionSpec> options() {
  return {side_option("left", "One side."),
          side_option("right", "The other side."),
          {.name = "tolerance",
           .kind = OptionKind::object,
           .summary = "How far amounts may differ; of two tolerances the stricter one counts.",
           .default_text = "none: to the last unit",
           .fields = {{.name = "abs",
                       .kind = OptionKind::text,
                       .summary = "An amount, or param(name)."},
                      {.name = "rel",
                       .kind = OptionKind::text,
                       .summary = "A share of the larger side from 0 to 1, or param(name)."}}},
          rule_option("accept", "A match rule: which differing amounts of one key are no finding."),
          rule_option("classify", "A break rule: the cause of each break, in column 'cause'."),
          life_option(),
          {.name = "gates",
           .kind = OptionKind::name,
           .summary = "Dataset that is kept from its consumers while there are breaks."},
          {.name = "on_fail",
           .kind = OptionKind::choice,
           .summary = "What breaks do: only tell, keep consumers from the gated dataset, or fail "
                      "the job as well.",
           .default_text = "block with gates, else warn",
           .choices = {"warn", "block", "fail"}},
          {.name = "severity",
           .kind = OptionKind::choice,
           .summary = "Whether breaks are findings of severity error or warn.",
           .default_text = "error",
           .choices = {"error", "warn"}},
          {.name = "empty",
           .kind = OptionKind::choice,
           .summary = "What it is when both sides have no rows: a warning or an error.",
           .default_text = "warn",
           .choices = {"warn", "fail"}}};
}

}  // namespace

void register_reconcile(Registry<JobType>& jobs) {
  jobs.add({
      .name = "reconcile",
      .summary = "Compares two sides key by key and keeps every difference as a break.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Reconcile>(spec);
      },
  });
}

}  // namespace tallymill
