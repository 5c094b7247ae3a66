#include <algorithm>
#include <optional>

#include "books/break_cause.h"
#include "books/matching.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/compared_columns.h"
#include "jobs/completeness.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"
#include "jobs/match_planner.h"
#include "jobs/open_breaks.h"
#include "jobs/reconcile_options.h"

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
    if (!context.diagnostics().has_errors()) plan_completeness(context, options_, sides());
    if (!options_.has("life")) return schemas;
    life_.emplace(context, options_, planned_.breaks, planned_.books.amount);
    schemas.insert(life_->schemas().begin(), life_->schemas().end());
    return schemas;
  }
  void run(JobContext& context) override;

 private:
  struct Findings {
    std::int64_t breaks = 0;
    std::int64_t pending = 0;
    bool is_empty = false;
  };

  std::map<std::string, SideAtHand> sides() const;
  std::vector<MatchClass> stated(const std::vector<MatchClass>& classes) const;
  std::string caused_breaks(JobContext& context, books::Matching& matching) const;
  std::string judged_breaks(JobContext& context, const std::string& breaks) const;
  void state(JobContext& context, const std::vector<MatchClass>& classes,
             const MatchSideTotals& left, const MatchSideTotals& right) const;
  void state_causes(JobContext& context) const;
  Findings count_findings(JobContext& context, bool is_empty) const;
  Findings carry_forward(JobContext& context, const std::vector<std::string>& lacks,
                         Findings found);
  void judge(TaskResult& result, const std::vector<std::string>& lacks,
             const Findings& found) const;
  void close(JobContext& context, const std::vector<MatchClass>& classes,
             const MatchSideTotals& left, const MatchSideTotals& right) const;

  Options options_;
  std::string job_;
  std::string breaks_;
  PlannedMatch planned_;
  std::optional<OpenBreaks> life_;  ///< of `life:`
};

void Reconcile::run(JobContext& context) {
  const std::vector<std::string> lacks = find_incomplete(context, options_, sides());
  books::Matching matching(context.engine(), planned_.books);
  matching.require_sound_keys();
  const std::vector<MatchClass> classes = stated(matching.classes());
  const std::string select = caused_breaks(context, matching);
  const std::string judged = judged_breaks(context, select);
  context.stage({.dataset = breaks_,
                 .select = judged.empty() ? select : "SELECT * FROM " + judged,
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
  Findings found = count_findings(context, left.rows == 0 && right.rows == 0);
  if (life_) found = carry_forward(context, lacks, found);
  judge(result, lacks, found);
  state(context, classes, left, right);
  state_causes(context);
  close(context, classes, left, right);
}

/// What `complete_when:` may ask about.
std::map<std::string, SideAtHand> Reconcile::sides() const {
  std::map<std::string, SideAtHand> sides;
  for (const auto& [name, side] :
       {std::pair{kLeft, &planned_.books.left}, {kRight, &planned_.books.right}}) {
    std::vector<std::string> selects;
    for (const std::string& relation : side->relations)
      selects.push_back("SELECT * FROM " + relation);
    sides[name] = {.relation = "(" + join(selects, " UNION ALL BY NAME ") + ")",
                   .amount = side->aggregate == books::Aggregate::count ? "1" : side->amount,
                   .scale = planned_.books.amount.scale,
                   .dataset = SideOptions{options_.object(name)}.datasets().front()};
  }
  return sides;
}

/// The classes that this comparison can have.
std::vector<MatchClass> Reconcile::stated(const std::vector<MatchClass>& classes) const {
  std::vector<MatchClass> stated;
  const books::MatchPlan& plan = planned_.books;
  for (const MatchClass& each : classes) {
    if (each.name == "duplicate" && !plan.pairs_duplicates) continue;
    if ((each.name == "quantity" || each.name == "timing" || each.name == "status") &&
        plan.compared.empty())
      continue;
    stated.push_back(each);
  }
  return stated;
}

/// The breaks with their built-in cause.
std::string Reconcile::caused_breaks(JobContext& context, books::Matching& matching) const {
  std::string whole_key = "true";
  if (planned_.books.missing_key == books::MissingKey::open)
    for (const Column& column : planned_.books.key)
      whole_key += " AND " + quote_identifier(column.name) + " IS NOT NULL";
  return "SELECT *, " + books::cause_sql(context.engine(), planned_.books.amount, whole_key) +
         " AS cause FROM (" + matching.breaks() + ")";
}

/// A table of the breaks with what rules say of them; empty without rules. A rule that raises on a
/// break accepts nothing, and is its cause. Only amounts of both sides can match.
std::string Reconcile::judged_breaks(JobContext& context, const std::string& breaks) const {
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
      "CASE WHEN \"tm:cause\".error IS NOT NULL THEN 'rule_error' ELSE "
      "coalesce(\"tm:cause\".cause, tm_breaks.cause) END");
  if (!planned_.cause.empty()) excluded.emplace_back("cause");
  const std::string table = "tm_judged_breaks";
  context.engine().execute("CREATE TEMP TABLE " + table + " AS SELECT * EXCLUDE (" +
                           join(excluded, ", ") + ")" + columns + " FROM (SELECT *" + calls +
                           " FROM (" + breaks + ")) tm_breaks");
  return table;
}

/// Breaks and their differences by what was said of them.
void Reconcile::state_causes(JobContext& context) const {
  const std::string written = staged_relation(context, breaks_);
  const auto count = [&](const char* column) {
    json::array lines;
    const Rows rows = context.engine().query("SELECT " + std::string(column) +
                                             ", count(*), sum(difference)::VARCHAR FROM " +
                                             written + " GROUP BY 1 ORDER BY 1 NULLS LAST");
    for (std::size_t i = 0; i < rows.cells.size(); ++i)
      lines.push_back(json::object{{column, rows.cells[i][0].value_or("")},
                                   {"breaks", rows.integer(i, 1)},
                                   {"difference", rows.cells[i][2].value_or("0")}});
    return lines;
  };
  if (!planned_.accepted.empty()) context.result().report["accepted"] = count("accepted_as");
  context.result().report["causes"] = count("cause");
}

/// Breaks that are a finding, those that are not one yet, and whether there was anything at all.
Reconcile::Findings Reconcile::count_findings(JobContext& context, bool is_empty) const {
  std::vector<std::string> pending{"NULL"};
  if (options_.has("pending"))
    for (const std::string& cause : options_.texts("pending"))
      pending.push_back(quote_literal(cause));
  const std::string open = planned_.accepted.empty() ? "true" : "accepted_as IS NULL";
  const std::string waits = "coalesce(cause IN (" + join(pending, ", ") + "), false)";
  const Rows rows = context.engine().query("SELECT count(*) FILTER (WHERE " + open + " AND NOT " +
                                           waits + "), count(*) FILTER (WHERE " + open + " AND " +
                                           waits + ") FROM " + staged_relation(context, breaks_));
  return {.breaks = rows.integer(0, 0), .pending = rows.integer(0, 1), .is_empty = is_empty};
}

/// What is a finding once breaks have a life. A break that is not found in input that is not all
/// there is not resolved.
Reconcile::Findings Reconcile::carry_forward(JobContext& context,
                                             const std::vector<std::string>& lacks,
                                             Findings found) {
  if (!lacks.empty())
    throw Error(ErrorClass::data,
                "the input is incomplete, breaks are not carried forward: " + join(lacks, "; "));
  found.breaks = life_->run(context, staged_relation(context, breaks_));
  return found;
}

/// Incomplete input outweighs every other news; nothing compared is no agreement.
void Reconcile::judge(TaskResult& result, const std::vector<std::string>& lacks,
                      const Findings& found) const {
  const bool breaks_warn = options_.text("severity", "error") == "warn";
  const bool empty_warns = options_.text("empty", "warn") != "fail";
  result.report["verdict"] = !lacks.empty()      ? "incomplete"
                             : found.is_empty    ? "not_applicable"
                             : found.breaks > 0  ? (breaks_warn ? "warnings" : "breaks")
                             : found.pending > 0 ? "pending"
                                                 : "clean";
  if (!lacks.empty()) {
    json::array texts;
    for (const std::string& each : lacks) texts.emplace_back(each);
    result.report["incomplete"] = std::move(texts);
    result.findings_error += static_cast<std::int64_t>(lacks.size());
  }
  if (found.is_empty)
    ++(empty_warns ? result.findings_warn : result.findings_error);
  else
    (breaks_warn ? result.findings_warn : result.findings_error) += found.breaks;
  if (found.pending > 0) result.report["pending"] = found.pending;
  if (on_fail_of(options_) != OnFail::warn)
    result.gate = {{"dataset", options_.text("gates")}, {"passed", result.findings_error == 0}};
}

/// The statement: what both sides have, what became of it, and that nothing is left unexplained.
void Reconcile::state(JobContext& context, const std::vector<MatchClass>& classes,
                      const MatchSideTotals& left, const MatchSideTotals& right) const {
  const int scale = planned_.books.amount.scale;
  const auto side = [&](const MatchSideTotals& totals) {
    json::object line{{"rows", totals.rows}, {"amount", format_decimal(totals.amount, scale)}};
    if (totals.missing_keys > 0) line["missing_keys"] = totals.missing_keys;
    return line;
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
  for (const FileUse& file : compared_column_files(options)) shape.files.push_back(file);
  for (const FileUse& file : completeness_files(options)) shape.files.push_back(file);
  shape_life(spec, shape, diagnostics);
  for (const char* option : {"accept", "classify"}) {
    if (!options.has(option)) continue;
    const YamlNode node = options.node(option);
    const Options rule = node.is_mapping() ? Options(node) : Options(node, "rule");
    shape.files.push_back({"rules/" + rule.text("rule") + ".lua", rule.position("rule")});
  }
}

}  // namespace

void register_reconcile(Registry<JobType>& jobs) {
  jobs.add({
      .name = "reconcile",
      .summary = "Compares two sides key by key and keeps every difference as a break.",
      .options = reconcile_options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Reconcile>(spec);
      },
  });
}

}  // namespace tallymill
