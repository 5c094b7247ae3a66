#include "jobs/break_outcome.h"

#include <algorithm>

#include "books/break_cause.h"
#include "books/break_life.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {

OnFail on_fail_of(const Options& job) {
  // Naming the gated dataset already says that breaks should stop something.
  const std::string word = job.text("on_fail", job.has("gates") ? "block" : "warn");
  if (word == "block") return OnFail::block;
  return word == "fail" ? OnFail::fail : OnFail::warn;
}

BreakOutcome::BreakOutcome(const JobSpec& spec)
    : options_(spec.options), dataset_(spec.name + ".breaks") {}

void BreakOutcome::plan(JobContext& context, const Schema& breaks, const Type& amount) {
  amount_ = amount;
  Schema schema = breaks;
  const auto add = [&](const char* name) {
    if (breaks.find(name) != nullptr)
      context.diagnostics().error(
          options_.node().position(),
          "a key cannot be named '" + std::string(name) + "', breaks have a column of that name");
    schema.columns.push_back({.name = name, .type = Type::text()});
  };
  add("cause");
  const Schema found = schema;
  accepted_ = bind_rule(context, "accept", RuleKind::match, found);
  cause_ = bind_rule(context, "classify", RuleKind::break_cause, found);
  if (options_.has("accept")) add("accepted_as");
  schemas_ = {{dataset_, schema}};
  if (!options_.has("life")) return;
  life_.emplace(context, options_, schema, amount);
  schemas_.insert(life_->schemas().begin(), life_->schemas().end());
}

/// The call of a rule over the breaks found; empty where none is named or it does not fit.
std::string BreakOutcome::bind_rule(JobContext& context, const char* option, RuleKind kind,
                                    const Schema& breaks) const {
  if (!options_.has(option)) return {};
  const YamlNode node = options_.node(option);
  const Options given = node.is_mapping() ? Options(node) : Options(node, "rule");
  const SourcePosition where = given.position("rule");
  const std::string name = given.text("rule");
  const RuleInfo* rule = context.rule(name, where);
  if (rule == nullptr) return {};
  if (rule->kind != kind) {
    context.diagnostics().error(
        where, "rule '" + name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "'" + std::string(option) + "' takes a " + std::string(to_string(kind)) + " rule");
    return {};
  }
  const auto call = context.rules().bind({name}, breaks, rule_params(context, given, "params"),
                                         where, context.diagnostics());
  return call ? call->expression : std::string();
}

std::int64_t BreakOutcome::stage(JobContext& context, const std::string& select,
                                 const std::string& whole_key) {
  const std::string caused = "SELECT *, " + books::cause_sql(context.engine(), amount_, whole_key) +
                             " AS cause FROM (" + select + ")";
  context.stage({.dataset = dataset_,
                 .select = with_rules(caused),
                 .schema = schemas_.at(dataset_),
                 .evidence = true});
  return staged(context, dataset_).rows;
}

/// The breaks with what rules say of them. A rule that raises on a break accepts nothing, and is
/// its cause. Only amounts of both sides can match.
std::string BreakOutcome::with_rules(const std::string& breaks) const {
  if (accepted_.empty() && cause_.empty()) return breaks;
  std::string calls;
  std::string columns;
  std::vector<std::string> excluded;
  const auto add = [&](const std::string& call, const std::string& name, const std::string& value) {
    if (call.empty()) return;
    calls += ", " + call + " AS \"tm:" + name + "\"";
    columns += ", " + value + " AS " + name;
    excluded.push_back("\"tm:" + name + "\"");
  };
  add(accepted_, "accepted_as",
      "CASE WHEN class = 'amount' THEN \"tm:accepted_as\".accepted_as END");
  add(cause_, "cause",
      "CASE WHEN \"tm:cause\".error IS NOT NULL THEN 'rule_error' ELSE "
      "coalesce(\"tm:cause\".cause, tm_breaks.cause) END");
  if (!cause_.empty()) excluded.emplace_back("cause");
  return "SELECT * EXCLUDE (" + join(excluded, ", ") + ")" + columns + " FROM (SELECT *" + calls +
         " FROM (" + breaks + ")) tm_breaks";
}

/// Breaks and their differences by what was said of them.
void BreakOutcome::state_causes(JobContext& context) const {
  const std::string written = staged_relation(context, dataset_);
  const bool has_currencies = books::tells_currency(schemas_.at(dataset_));
  const auto count = [&](const char* column) {
    json::array lines;
    const Rows rows = context.engine().query(
        "SELECT " + std::string(column) + ", " + (has_currencies ? "currency" : "''") +
        " AS tm_currency, count(*), sum(difference)::VARCHAR FROM " + written +
        " GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST");
    for (std::size_t i = 0; i < rows.cells.size(); ++i) {
      json::object line{{column, rows.cells[i][0].value_or("")}};
      if (has_currencies) line["currency"] = rows.cells[i][1].value_or("");
      line["breaks"] = rows.integer(i, 2);
      line["difference"] = rows.cells[i][3].value_or("0");
      lines.push_back(std::move(line));
    }
    return lines;
  };
  if (!accepted_.empty()) context.result().report["accepted"] = count("accepted_as");
  context.result().report["causes"] = count("cause");
}

/// Breaks that are a finding, and those that are not one yet.
BreakOutcome::Findings BreakOutcome::count_findings(JobContext& context) const {
  std::vector<std::string> pending{"NULL"};
  if (options_.has("pending"))
    for (const std::string& cause : options_.texts("pending"))
      pending.push_back(quote_literal(cause));
  const std::string open = accepted_.empty() ? "true" : "accepted_as IS NULL";
  const std::string waits = "coalesce(cause IN (" + join(pending, ", ") + "), false)";
  const Rows rows = context.engine().query("SELECT count(*) FILTER (WHERE " + open + " AND NOT " +
                                           waits + "), count(*) FILTER (WHERE " + open + " AND " +
                                           waits + ") FROM " + staged_relation(context, dataset_));
  return {.breaks = rows.integer(0, 0), .pending = rows.integer(0, 1)};
}

/// Incomplete input outweighs every other news; nothing compared is no agreement.
void BreakOutcome::judge(JobContext& context, const std::vector<std::string>& lacks,
                         bool is_empty) {
  // A break that is not found in input that is not all there is not resolved.
  if (life_ && !lacks.empty())
    throw Error(ErrorClass::data,
                "the input is incomplete, breaks are not carried forward: " + join(lacks, "; "));
  Findings found = count_findings(context);
  if (life_) {
    const OpenBreaks::Open open = life_->run(context, staged_relation(context, dataset_));
    found = {.breaks = open.findings, .pending = open.pending};
  }
  TaskResult& result = context.result();
  const bool breaks_warn = options_.text("severity", "error") == "warn";
  const bool empty_warns = options_.text("empty", "warn") != "fail";
  result.report["verdict"] = !lacks.empty()      ? "incomplete"
                             : is_empty          ? "not_applicable"
                             : found.breaks > 0  ? (breaks_warn ? "warnings" : "breaks")
                             : found.pending > 0 ? "pending"
                                                 : "clean";
  if (!lacks.empty()) {
    json::array texts;
    for (const std::string& each : lacks) texts.emplace_back(each);
    result.report["incomplete"] = std::move(texts);
    result.findings_error += static_cast<std::int64_t>(lacks.size());
  }
  if (is_empty)
    ++(empty_warns ? result.findings_warn : result.findings_error);
  else
    (breaks_warn ? result.findings_warn : result.findings_error) += found.breaks;
  if (found.pending > 0) result.report["pending"] = found.pending;
  if (on_fail_of(options_) != OnFail::warn)
    result.gate = {{"dataset", options_.text("gates")}, {"passed", result.findings_error == 0}};
  state_causes(context);
}

}  // namespace tallymill
