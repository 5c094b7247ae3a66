#include <algorithm>

#include "core/text.h"
#include "datasets/landing.h"
#include "datasets/sql_rules.h"
#include "datasets/sql_text.h"
#include "jobs/dataset_input.h"
#include "jobs/indicator_bands.h"
#include "jobs/input_keys.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

constexpr const char* kValues = "tm_indicator";  ///< the measured rows, judged
/// A page of values is for people; all of them are in the dataset.
constexpr std::size_t kMaxReported = 1000;

/// The inputs that `key` names, alone or in a list.
std::vector<YamlNode> inputs_of(const Options& options, const char* key) {
  const YamlNode value = options.node(key);
  if (!value) return {};
  return value.is_sequence() ? options.list(key) : std::vector{value};
}

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
  void measure(JobContext& context) const;
  void report(JobContext& context) const;
  void close(JobContext& context, const Rows& counts) const;

  Options options_;
  std::string into_;
  Type value_;
  std::vector<Column> more_;  ///< columns of the SQL beside org and value
  std::string row_;           ///< relation of period, org, value and more
  Judgement judgement_;
  Schema schema_;
};

std::map<std::string, Schema> Indicator::plan(JobContext& context) {
  row_ = plan_value(context);
  schema_ = {.columns = {{.name = "period", .type = Type::text(), .required = true},
                         {.name = "org", .type = Type::text(), .required = true},
                         {.name = "value", .type = value_}},
             .key = {"period", "org"}};
  schema_.columns.insert(schema_.columns.end(), more_.begin(), more_.end());
  judgement_ = options_.has("threshold")
                   ? judge_by_rule(context, options_.object("threshold"), schema_, row_)
                   : judge_by_bands(context, options_.list("bands"), value_);
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
    for (const YamlNode& input : inputs_of(options_, key)) context.relation(input_name(input));
  const SourcePosition sql_where = options_.position("sql");
  const std::string sql = context.bind_parameters(options_.text("sql"), sql_where);
  const auto bound = bind_user_sql(context.engine(), sql, sql_where, context.diagnostics());
  if (bound) {
    const auto inputs = options_.texts(options_.has("from") ? "from" : "inputs");
    check_total_order(context.engine(), sql, sql_where, input_keys(context, inputs),
                      context.diagnostics());
    plan_columns(context, *bound);
  }
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

void Indicator::run(JobContext& context) {
  measure(context);
  context.stage({.dataset = into_,
                 .select = "SELECT " + join(quoted(schema_.names()), ", ") + " FROM " + kValues,
                 .schema = schema_});
  report(context);
}

/// A rule that failed is an error; a value that has no band because it is missing is worth a look,
/// never healthy.
void Indicator::measure(JobContext& context) const {
  const bool is_judged = options_.has("bands") || options_.has("threshold");
  const std::string unjudged = is_judged ? "'warn'" : "'none'";
  std::string columns = "period, org, value";
  for (const Column& column : more_) columns += ", " + quote_identifier(column.name);
  const Judgement& j = judgement_;
  context.engine().execute(
      std::string("CREATE OR REPLACE TEMP TABLE ") + kValues + " AS SELECT " + columns + ", " +
      j.band + " AS band, CASE WHEN " + j.error + " IS NOT NULL THEN 'error' ELSE coalesce(" +
      j.severity + ", CASE WHEN value IS NULL THEN 'warn' ELSE " + unjudged +
      " END) END AS severity, coalesce(" + j.error + ", " + j.message +
      ", CASE WHEN value IS NULL THEN 'there is no value' END) AS message FROM (SELECT *, " +
      j.call + " AS tm_call FROM " + row_ + ")");
}

json::object indicator_of(const Rows& rows, std::size_t row) {
  json::object indicator;
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    const auto& cell = rows.cells[row][i];
    indicator[rows.columns[i]] = cell ? json::value(*cell) : json::value(nullptr);
  }
  return indicator;
}

void Indicator::report(JobContext& context) const {
  TaskResult& result = context.result();
  const Rows rows = context.engine().query(
      std::string("SELECT period, org, CAST(value AS VARCHAR) AS value, band, severity, message "
                  "FROM ") +
      kValues + " ORDER BY list_position(['error', 'warn', 'none'], severity), period, org LIMIT " +
      std::to_string(kMaxReported));
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    result.indicators.push_back(indicator_of(rows, row));
  const Rows counts = context.engine().query(std::string("SELECT severity, count(*) FROM ") +
                                             kValues + " GROUP BY severity ORDER BY severity");
  json::object by_severity;
  for (std::size_t row = 0; row < counts.cells.size(); ++row) {
    by_severity[counts.text(row, 0)] = counts.integer(row, 1);
    if (counts.text(row, 0) == "error") result.findings_error = counts.integer(row, 1);
    if (counts.text(row, 0) == "warn") result.findings_warn = counts.integer(row, 1);
  }
  result.rows_out = staged(context, into_).rows;
  // No number at all is not a good number.
  const bool is_empty = result.rows_out == 0;
  if (is_empty) result.findings_warn = 1;
  result.report["verdict"] = is_empty                     ? "not_applicable"
                             : result.findings_error != 0 ? "fail"
                             : result.findings_warn != 0  ? "warn"
                                                          : "pass";
  result.report["values"] = result.rows_out;
  result.report["severity"] = std::move(by_severity);
  close(context, counts);
}

/// Every measured row is in exactly one severity.
void Indicator::close(JobContext& context, const Rows& counts) const {
  Ledger ledger;
  context.result().rows_in = context.engine().query("SELECT count(*) FROM " + row_).integer(0, 0);
  ledger.debit("in").rows = context.result().rows_in;
  for (std::size_t row = 0; row < counts.cells.size(); ++row)
    ledger.credit(counts.text(row, 0)).rows = counts.integer(row, 1);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  if (options.has("from") == options.has("inputs"))
    diagnostics.error(spec.where, "an indicator needs either 'from' or 'inputs'");
  for (const char* key : {"from", "inputs"})
    for (const YamlNode& input : inputs_of(options, key))
      add_input(read_input(input, diagnostics), shape, diagnostics);
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
  return {input_option("from", "The dataset the SQL reads.", false),
          {.name = "inputs",
           .kind = OptionKind::list,
           .summary = "The datasets the SQL reads, where they are several.",
           .fields = {input_element()}},
          {.name = "sql",
           .kind = OptionKind::sql,
           .summary = "SELECT of org, value, and other columns the rule needs.",
           .required = true},
          into_option("Dataset of the values."),
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
