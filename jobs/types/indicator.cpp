#include <algorithm>

#include "core/text.h"
#include "datasets/landing.h"
#include "datasets/sql_rules.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

constexpr const char* kValues = "tm_indicator";  ///< the measured rows, judged
/// A page of values is for people; all of them are in the dataset.
constexpr std::size_t kMaxReported = 1000;

/// A named range of values, from <= value < to.
struct Band {
  std::string name;
  std::string severity;  ///< none, warn or error
  std::string from;      ///< SQL literals; empty: unbounded
  std::string to;
};

/// One number per period and organisation, in the band it falls in.
class Indicator final : public Job {
 public:
  explicit Indicator(const JobSpec& spec)
      : options_(spec.options), into_(spec.options.text("into")) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  std::string plan_value(JobContext& context);
  void plan_columns(JobContext& context, const std::vector<BoundColumn>& bound);
  void plan_bands(JobContext& context);
  void check_bands(JobContext& context) const;
  void plan_rule(JobContext& context);
  std::string band_case(std::string Band::*field) const;
  void report(JobContext& context);

  Options options_;
  std::string into_;
  Type value_;
  std::vector<Column> more_;  ///< columns of the SQL beside org and value
  std::vector<Band> bands_;
  std::string row_;   ///< relation of period, org, value and more
  std::string band_;  ///< SQL over a row: band, severity, message, error
  std::string severity_;
  std::string message_;
  std::string error_ = "CAST(NULL AS VARCHAR)";
  std::string call_ = "NULL";  ///< of the rule
  Schema schema_;
};

std::map<std::string, Schema> Indicator::plan(JobContext& context) {
  row_ = plan_value(context);
  schema_ = {.columns = {{.name = "period", .type = Type::text(), .required = true},
                         {.name = "org", .type = Type::text(), .required = true},
                         {.name = "value", .type = value_}},
             .key = {"period", "org"}};
  schema_.columns.insert(schema_.columns.end(), more_.begin(), more_.end());
  plan_bands(context);
  if (options_.has("threshold")) plan_rule(context);
  for (const char* name : {"band", "severity", "message"})
    schema_.columns.push_back({.name = name, .type = Type::text()});
  if (options_.has("key")) schema_.key = options_.columns("key");
  for (const std::string& name : schema_.key)
    if (schema_.find(name) == nullptr)
      context.diagnostics().error(options_.position("key"), "there is no column '" + name + "'",
                                  did_you_mean(name, schema_.names()));
  return {{into_, schema_}};
}

/// Binds the SELECT and gives a relation of typed rows.
std::string Indicator::plan_value(JobContext& context) {
  const SourcePosition where = options_.position("value");
  if (const auto type = type_from_word(options_.text("value"), context.task().currency_scale))
    value_ = *type;
  if (!value_.is_decimal() && value_.kind != TypeKind::integer)
    context.diagnostics().error(where, "'" + options_.text("value") + "' is no type of a number",
                                "use money, ratio, integer or decimal(p,s)");
  for (const char* key : {"from", "inputs"})
    for (const std::string& dataset : options_.texts(key)) context.relation(dataset);
  const SourcePosition sql_where = options_.position("sql");
  const std::string sql = context.bind_parameters(options_.text("sql"), sql_where);
  const auto bound = bind_user_sql(context.engine(), sql, sql_where, context.diagnostics());
  if (bound) plan_columns(context, *bound);
  std::string columns = "CAST(org AS VARCHAR) AS org, CAST(value AS " + value_.sql() + ") AS value";
  for (const Column& column : more_)
    columns += ", CAST(" + quote_identifier(column.name) + " AS " + column.type.sql() + ") AS " +
               quote_identifier(column.name);
  return "(SELECT " + quote_literal(context.task().period) + " AS period, " + columns + " FROM (" +
         sql + "\n))";
}

void Indicator::plan_columns(JobContext& context, const std::vector<BoundColumn>& bound) {
  const SourcePosition where = options_.position("sql");
  const auto has = [&](const char* name) {
    return std::any_of(bound.begin(), bound.end(),
                       [&](const BoundColumn& column) { return column.name == name; });
  };
  for (const char* name : {"org", "value"})
    if (!has(name))
      context.diagnostics().error(where, "the SELECT has no column '" + std::string(name) + "'",
                                  "an indicator selects org, value, and what its rule needs");
  for (const BoundColumn& column : bound) {
    if (column.name == "org") continue;
    if (column.name == "value") {
      const std::string problem = landing_problem(column.sql_type, value_);
      if (!problem.empty()) context.diagnostics().error(where, "column 'value': " + problem);
      continue;
    }
    const bool is_taken = column.name == "period" || column.name == "band" ||
                          column.name == "severity" || column.name == "message";
    const auto type = type_from_sql(column.sql_type);
    if (is_taken)
      context.diagnostics().error(where, "column '" + column.name + "' is made by the indicator");
    else if (!type)
      context.diagnostics().error(where, "column '" + column.name + "' has type " +
                                             column.sql_type + ", which is not exact");
    else
      more_.push_back({.name = column.name, .type = *type});
  }
}

/// `bands: [{ name: normal, to: "0.05" }, { name: high, from: "0.05", severity: warn }]`
void Indicator::plan_bands(JobContext& context) {
  for (const YamlNode& node : options_.list("bands")) {
    const Options entry(node);
    const auto bound = [&](const char* key) -> std::string {
      if (!entry.has(key)) return "";
      const auto text = value_text(context, entry.text(key), entry.position(key));
      if (!text) return "";
      return literal_sql(value_, *text, entry.position(key), context.diagnostics()).value_or("");
    };
    bands_.push_back(
        {entry.text("name"), entry.text("severity", "none"), bound("from"), bound("to")});
  }
  if (bands_.empty()) {
    band_ = severity_ = message_ = "CAST(NULL AS VARCHAR)";
    return;
  }
  check_bands(context);
  band_ = band_case(&Band::name);
  severity_ = band_case(&Band::severity);
  message_ = "CASE WHEN " + severity_ + " <> 'none' THEN CAST(value AS VARCHAR) || ' is ' || " +
             band_ + " END";
}

/// Bands leave no gap and do not overlap, so that every value has exactly one.
void Indicator::check_bands(JobContext& context) const {
  const std::vector<YamlNode> nodes = options_.list("bands");
  for (std::size_t i = 0; i < bands_.size(); ++i) {
    const Options entry(nodes[i]);
    const bool is_last = i + 1 == bands_.size();
    if (i == 0 && entry.has("from"))
      context.diagnostics().error(entry.position("from"), "the first band has no 'from'",
                                  "values below it would be in no band");
    if (is_last && entry.has("to"))
      context.diagnostics().error(entry.position("to"), "the last band has no 'to'",
                                  "values from it on would be in no band");
    if (is_last) continue;
    if (!entry.has("to"))
      context.diagnostics().error(nodes[i].position(), "band '" + bands_[i].name + "' needs 'to'");
    else if (Options(nodes[i + 1]).text("from") != entry.text("to"))
      context.diagnostics().error(nodes[i + 1].position(),
                                  "band '" + bands_[i + 1].name + "' starts at '" +
                                      Options(nodes[i + 1]).text("from") + "', but '" +
                                      bands_[i].name + "' ends at '" + entry.text("to") + "'",
                                  "a band starts where the one before it ends");
  }
}

/// Bands are tried from below; a value equal to a bound is in the band that starts there.
std::string Indicator::band_case(std::string Band::*field) const {
  std::string sql = "CASE WHEN value IS NULL THEN NULL";
  for (const Band& band : bands_)
    sql += band.to.empty() ? " ELSE " + quote_literal(band.*field)
                           : " WHEN value < " + band.to + " THEN " + quote_literal(band.*field);
  return "(" + sql + " END)";
}

void Indicator::plan_rule(JobContext& context) {
  const Options threshold = options_.object("threshold");
  const SourcePosition where = threshold.position("rule");
  const RuleInfo* rule = context.rule(threshold.text("rule"), where);
  if (rule == nullptr) return;
  if (rule->kind != RuleKind::threshold) {
    context.diagnostics().error(
        where, "rule '" + rule->name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "the bands of an indicator come from a threshold rule");
    return;
  }
  const auto call =
      context.rules().bind({rule->name}, schema_, rule_params(context, threshold, "params"), where,
                           context.diagnostics());
  if (!call) return;
  call_ = call->expression;
  band_ = "struct_extract(tm_call, 'band')";
  message_ = "struct_extract(tm_call, 'message')";
  error_ = "struct_extract(tm_call, 'error')";
  // A rule says what is worth telling by giving a message; the job may say otherwise by band.
  severity_ = "CASE";
  const YamlNode severities = threshold.node("severity");
  for (std::size_t i = 0; severities && i < severities.size(); ++i)
    severity_ += " WHEN " + band_ + " = " + quote_literal(severities.key(i).text()) + " THEN " +
                 quote_literal(severities[i].text());
  severity_ += " WHEN " + message_ + " IS NOT NULL THEN 'warn' WHEN " + band_ +
               " IS NOT NULL THEN 'none' END";
}

/// A rule that failed is an error; a value that has no band because it is missing is worth a look,
/// never healthy.
void Indicator::run(JobContext& context) {
  const bool is_judged = !bands_.empty() || options_.has("threshold");
  const std::string no_band = is_judged ? "'warn'" : "'none'";
  std::string columns = "period, org, value";
  for (const Column& column : more_) columns += ", " + quote_identifier(column.name);
  context.engine().execute(
      std::string("CREATE OR REPLACE TEMP TABLE ") + kValues + " AS SELECT " + columns + ", " +
      band_ + " AS band, CASE WHEN " + error_ + " IS NOT NULL THEN 'error' ELSE coalesce(" +
      severity_ + ", CASE WHEN value IS NULL THEN 'warn' ELSE " + no_band +
      " END) END AS severity, coalesce(" + error_ + ", " + message_ +
      ", CASE WHEN value IS NULL THEN 'there is no value' END) AS message FROM (SELECT *, " +
      call_ + " AS tm_call FROM " + row_ + ")");
  context.stage({.dataset = into_,
                 .select = "SELECT " + columns + ", band, severity, message FROM " + kValues,
                 .schema = schema_});
  report(context);
}

void Indicator::report(JobContext& context) {
  Engine& engine = context.engine();
  TaskResult& result = context.result();
  const Rows rows = engine.query(
      std::string("SELECT period, org, CAST(value AS VARCHAR), band, severity, message FROM ") +
      kValues + " ORDER BY list_position(['error', 'warn', 'none'], severity), period, org LIMIT " +
      std::to_string(kMaxReported));
  for (const auto& cells : rows.cells) {
    json::object indicator;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string name = i == 2 ? "value" : rows.columns[i];
      if (cells[i])
        indicator[name] = *cells[i];
      else
        indicator[name] = nullptr;
    }
    result.indicators.push_back(std::move(indicator));
  }
  const Rows counts = engine.query(std::string("SELECT severity, count(*) FROM ") + kValues +
                                   " GROUP BY severity ORDER BY severity");
  Ledger ledger;
  json::object by_severity;
  for (std::size_t row = 0; row < counts.cells.size(); ++row) {
    ledger.credit(counts.text(row, 0)).rows = counts.integer(row, 1);
    by_severity[counts.text(row, 0)] = counts.integer(row, 1);
    if (counts.text(row, 0) == "error") result.findings_error = counts.integer(row, 1);
    if (counts.text(row, 0) == "warn") result.findings_warn = counts.integer(row, 1);
  }
  result.rows_in = result.rows_out = staged(context, into_).rows;
  ledger.debit("in").rows = engine.query("SELECT count(*) FROM " + row_).integer(0, 0);
  // No number at all is not a good number.
  const bool is_empty = result.rows_out == 0;
  if (is_empty) result.findings_warn = 1;
  result.report["verdict"] = is_empty                     ? "not_applicable"
                             : result.findings_error != 0 ? "fail"
                             : result.findings_warn != 0  ? "warn"
                                                          : "pass";
  result.report["values"] = result.rows_out;
  result.report["severity"] = std::move(by_severity);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  if (options.has("from") == options.has("inputs"))
    diagnostics.error(spec.where, "an indicator needs either 'from' or 'inputs'");
  for (const char* key : {"from", "inputs"})
    for (const std::string& dataset : options.texts(key))
      shape.inputs.push_back({dataset, options.position(key)});
  shape.outputs.push_back({options.text("into"), options.position("into")});
  if (options.has("threshold") && options.has("bands"))
    diagnostics.error(options.position("bands"), "give either 'threshold' or 'bands'");
  const Options threshold = options.object("threshold");
  if (threshold.has("rule"))
    shape.files.push_back({"rules/" + threshold.text("rule") + ".lua", threshold.position("rule")});
}

std::vector<OptionSpec> options() {
  const std::vector<std::string> severities{"none", "warn", "error"};
  const std::vector<OptionSpec> band{
      {.name = "name",
       .kind = OptionKind::name,
       .summary = "What the band is called.",
       .required = true},
      {.name = "from", .kind = OptionKind::text, .summary = "Lowest value of the band."},
      {.name = "to", .kind = OptionKind::text, .summary = "First value above the band."},
      {.name = "severity",
       .kind = OptionKind::choice,
       .summary = "What a value in the band is.",
       .default_text = "none",
       .choices = severities}};
  const std::vector<OptionSpec> rule{
      {.name = "rule",
       .kind = OptionKind::name,
       .summary = "rules/<name>.lua, a threshold rule over the row.",
       .required = true},
      {.name = "params",
       .kind = OptionKind::map,
       .summary = "Values of the rule's parameters.",
       .fields = {{.name = "", .kind = OptionKind::text}}},
      {.name = "severity",
       .kind = OptionKind::map,
       .summary = "Severity by band; else a band with a message warns.",
       .fields = {{.name = "", .kind = OptionKind::choice, .choices = severities}}}};
  return {{.name = "from", .kind = OptionKind::name, .summary = "The dataset the SQL reads."},
          {.name = "inputs",
           .kind = OptionKind::list,
           .summary = "The datasets the SQL reads, where they are several.",
           .fields = {{.name = "dataset", .kind = OptionKind::name}}},
          {.name = "sql",
           .kind = OptionKind::sql,
           .summary = "SELECT of org, value, and other columns the rule needs.",
           .required = true},
          {.name = "into",
           .kind = OptionKind::name,
           .summary = "Dataset of the values.",
           .required = true},
          {.name = "value",
           .kind = OptionKind::text,
           .summary = "Type of the value: money, ratio, integer or decimal(p,s).",
           .required = true},
          {.name = "bands",
           .kind = OptionKind::list,
           .summary = "Ranges from below upwards, each from where the last one ends.",
           .fields = {{.name = "band", .kind = OptionKind::object, .fields = band}}},
          {.name = "threshold",
           .kind = OptionKind::object,
           .summary = "A rule that names the band.",
           .fields = rule},
          {.name = "key",
           .kind = OptionKind::columns,
           .summary = "Key of the values.",
           .default_text = "period, org"}};
}

}  // namespace

void register_indicator(Registry<JobType>& jobs) {
  jobs.add({
      .name = "indicator",
      .summary = "Measures a number per organisation and tells which band it is in.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Indicator>(spec);
      },
  });
}

}  // namespace tallymill
