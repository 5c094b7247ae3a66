#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "datasets/landing.h"
#include "datasets/sql_rules.h"
#include "jobs/dataset_input.h"
#include "jobs/input_keys.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

/// One side of `balance:`: rows and, if `amount` is given, the sum of a column.
struct BalanceSide {
  std::string dataset;
  std::string amount;
  SourcePosition where;
};

/// What must be equal before and after; nothing, if `because` says why.
struct Balance {
  std::vector<BalanceSide> in;
  BalanceSide out;
  bool rows = false;
  std::string because;
  bool is_none() const { return in.empty(); }
};

BalanceSide side_of(YamlNode node, const std::string& dataset) {
  const Options options(node);
  return {.dataset = options.text("dataset", dataset),
          .amount = options.text("amount"),
          .where = node.position()};
}

Balance balance_of(const Options& options, const std::string& into) {
  Balance balance{.in = {}, .out = {}, .because = options.text("because")};
  if (!options.node("balance").is_mapping()) return balance;
  const Options declared = options.object("balance");
  if (declared.node("in").is_sequence())
    for (const YamlNode side : declared.list("in")) balance.in.push_back(side_of(side, ""));
  else
    balance.in.push_back(side_of(declared.node("in"), ""));
  balance.out = side_of(declared.node("out"), into);
  balance.rows = declared.boolean("rows");
  return balance;
}

Schema declared_schema(const Options& options, int currency_scale, Diagnostics& diagnostics) {
  Schema schema;
  const YamlNode columns = options.node("columns");
  for (std::size_t i = 0; i < columns.size(); ++i)
    schema.columns.push_back(
        parse_column(std::string(columns.key(i).text()), columns[i], currency_scale, diagnostics));
  schema.key = options.columns("key");
  return schema;
}

std::vector<std::string> input_names(const Options& options) {
  std::vector<std::string> names;
  for (const YamlNode& input : options.list("inputs")) names.push_back(input_name(input));
  return names;
}

std::string hint_for(const std::string& name, const std::vector<std::string>& known,
                     const std::string& otherwise) {
  const std::string nearest = did_you_mean(name, known);
  return nearest.empty() ? otherwise : nearest;
}

/// One SELECT over the inputs; the result has exactly the declared columns.
class Transform final : public Job {
 public:
  explicit Transform(const JobSpec& spec)
      : spec_(spec),
        sql_where_(spec.options.position("sql")),
        into_(spec.options.text("into")),
        inputs_(input_names(spec.options)),
        balance_(balance_of(spec.options, into_)) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    Diagnostics& diagnostics = context.diagnostics();
    schema_ = declared_schema(spec_.options, context.task().currency_scale, diagnostics);
    check_balance(context);
    for (const std::string& input : inputs_) (void)context.relation(input);
    const std::string sql = context.bind_parameters(spec_.options.text("sql"), sql_where_);
    if (!diagnostics.has_errors() && check_user_sql(context.engine(), sql, sql_where_, diagnostics))
      check_tables(context, sql);
    if (!diagnostics.has_errors())
      check_total_order(context.engine(), sql, sql_where_, input_keys(context, inputs_),
                        diagnostics);
    if (diagnostics.has_errors()) return {{into_, schema_}};
    if (const auto bound = bind_user_sql(context.engine(), sql, sql_where_, diagnostics))
      check_columns(*bound, diagnostics);
    select_ = landing_select(sql);
    return {{into_, schema_}};
  }

  void run(JobContext& context) override {
    TaskResult& result = context.result();
    for (const std::string& input : inputs_) result.rows_in += context.totals(input).rows;
    context.stage(
        {.dataset = into_, .select = select_, .schema = schema_, .has_exact_types = true});
    const TaskOutput& output = result.outputs.back();
    result.rows_out = output.rows;
    if (balance_.is_none())
      result.report["balance"] = json::object{{"because", balance_.because}};
    else
      close_books(context, output);
  }

 private:
  /// Names the ledger balances under: the output's column, or nothing but rows.
  std::map<std::string, int> ledger_scales() const {
    if (balance_.out.amount.empty()) return {};
    return {{balance_.out.amount, schema_.find(balance_.out.amount)->type.scale}};
  }

  void close_books(JobContext& context, const TaskOutput& output) {
    Ledger ledger(ledger_scales());
    for (const BalanceSide& side : balance_.in) {
      Ledger::Entry& entry = ledger.debit(side.dataset);
      const InputTotals& input = context.totals(side.dataset);
      if (balance_.rows) entry.rows += input.rows;
      if (!side.amount.empty()) entry.amounts[balance_.out.amount] += input.amounts.at(side.amount);
    }
    Ledger::Entry& out = ledger.credit(into_);
    if (balance_.rows) out.rows = output.rows;
    if (!balance_.out.amount.empty())
      out.amounts[balance_.out.amount] = units_of_text(
          output.amounts.at(balance_.out.amount), schema_.find(balance_.out.amount)->type.scale);
    context.result().ledger = ledger.to_json();
    ledger.require_balance(spec_.name);
  }

  /// Sums can only be compared between columns that add exactly and count the same units.
  void check_balance(JobContext& context) {
    if (balance_.is_none()) return;
    const Column* out = check_side(balance_.out, schema_, into_, context.diagnostics());
    for (const BalanceSide& side : balance_.in) {
      if (std::find(inputs_.begin(), inputs_.end(), side.dataset) == inputs_.end()) continue;
      if (side.amount.empty() != balance_.out.amount.empty())
        context.diagnostics().error(side.where, "'amount' is needed on both sides of a balance");
      const Column* in =
          check_side(side, context.schema(side.dataset), side.dataset, context.diagnostics());
      if (in != nullptr && out != nullptr && in->type.scale != out->type.scale)
        context.diagnostics().error(side.where,
                                    "'" + in->name + "' is " + in->type.name() + ", '" + out->name +
                                        "' is " + out->type.name() +
                                        ": their sums count different units",
                                    "balance columns with equally many fraction digits");
    }
  }

  static const Column* check_side(const BalanceSide& side, const Schema& schema,
                                  const std::string& dataset, Diagnostics& diagnostics) {
    if (side.amount.empty()) return nullptr;
    const Column* column = schema.find(side.amount);
    if (column == nullptr)
      diagnostics.error(
          side.where, "dataset '" + dataset + "' has no column '" + side.amount + "'",
          hint_for(side.amount, schema.names(), "its columns: " + join(schema.names(), ", ")));
    else if (!column->type.is_summable())
      diagnostics.error(side.where, "column '" + side.amount + "' is " + column->type.name() +
                                        ", which has no exact sum");
    return column != nullptr && column->type.is_summable() ? column : nullptr;
  }

  /// What is read must be declared: it decides what this job waits for and when it is stale.
  void check_tables(JobContext& context, const std::string& sql) {
    const std::vector<std::string> read = tables_read(context.engine(), sql);
    for (const std::string& table : read)
      if (std::find(inputs_.begin(), inputs_.end(), table) == inputs_.end())
        context.diagnostics().error(sql_where_,
                                    "the SQL reads '" + table + "', no input of this job",
                                    hint_for(table, inputs_, "add it to 'inputs'"));
    for (const YamlNode input : spec_.options.list("inputs"))
      if (std::find(read.begin(), read.end(), input_name(input)) == read.end())
        context.diagnostics().warning(input.position(),
                                      "the SQL does not read input '" + input_name(input) + "'",
                                      "remove it, or this job waits for nothing");
  }

  void check_columns(const std::vector<BoundColumn>& bound, Diagnostics& diagnostics) {
    std::vector<std::string> given;
    for (const BoundColumn& column : bound) {
      if (std::find(given.begin(), given.end(), column.name) != given.end())
        diagnostics.error(sql_where_, "the SQL gives column '" + column.name + "' twice");
      given.push_back(column.name);
      const Column* declared = schema_.find(column.name);
      if (declared == nullptr) {
        diagnostics.error(
            sql_where_,
            "the SQL gives column '" + column.name + "', which 'columns' does not declare",
            hint_for(column.name, schema_.names(), "declare it, or leave it out"));
        continue;
      }
      const std::string problem = landing_problem(column.sql_type, declared->type);
      const std::size_t hint = problem.find("; ");
      if (!problem.empty())
        diagnostics.error(sql_where_, "column '" + column.name + "': " + problem.substr(0, hint),
                          hint == std::string::npos ? "" : problem.substr(hint + 2));
    }
    for (const Column& column : schema_.columns)
      if (std::find(given.begin(), given.end(), column.name) == given.end())
        diagnostics.error(sql_where_, "the SQL does not give column '" + column.name + "'",
                          hint_for(column.name, given, "it gives: " + join(given, ", ")));
  }

  /// Only widening casts are left; a value with too many digits ends the statement.
  std::string landing_select(const std::string& sql) const {
    std::vector<std::string> columns;
    for (const Column& column : schema_.columns) {
      const std::string name = quote_identifier(column.name);
      columns.push_back("cast(" + name + " as " + column.type.sql() + ") as " + name);
    }
    return "select " + join(columns, ", ") + " from (" + sql + "\n)";
  }

  JobSpec spec_;
  SourcePosition sql_where_;
  std::string into_;
  std::vector<std::string> inputs_;
  Balance balance_;
  Schema schema_;
  std::string select_;
};

void check_key(const JobSpec& job, const Schema& schema, Diagnostics& diagnostics) {
  for (const std::string& column : schema.key)
    if (schema.find(column) == nullptr)
      diagnostics.error(job.options.position("key"),
                        "key column '" + column + "' is not declared in 'columns'",
                        did_you_mean(column, schema.names()));
}

void check_balance_shape(const JobSpec& job, const JobShape& shape, Diagnostics& diagnostics) {
  const Balance balance = balance_of(job.options, job.options.text("into"));
  if (balance.is_none() && balance.because.empty())
    diagnostics.error(job.options.position("balance"), "'balance: none' needs a reason",
                      "say why nothing can be balanced: because: \"...\"");
  if (!balance.is_none() && !balance.because.empty())
    diagnostics.error(job.options.position("because"), "'because' belongs to 'balance: none'");
  if (!balance.is_none() && balance.out.amount.empty() && !balance.rows)
    diagnostics.error(job.options.position("balance"), "the balance compares nothing",
                      "name an 'amount' on both sides, or set rows: true");
  for (const BalanceSide& side : balance.in)
    if (std::none_of(shape.inputs.begin(), shape.inputs.end(),
                     [&](const DatasetUse& use) { return use.name() == side.dataset; }))
      diagnostics.error(side.where, "'" + side.dataset + "' is no input of this job");
}

void shape_transform(const JobSpec& job, JobShape& shape, Diagnostics& diagnostics) {
  for (const YamlNode input : job.options.list("inputs"))
    add_input(read_input(input, diagnostics), shape, diagnostics);
  shape.outputs.push_back({job.options.text("into"), job.options.position("into")});
  constexpr int kAnyScale = 2;  // the currency's scale decides nothing about names
  check_key(job, declared_schema(job.options, kAnyScale, diagnostics), diagnostics);
  check_balance_shape(job, shape, diagnostics);
}

OptionSpec side_option(std::string name, const std::string& summary, bool has_dataset) {
  OptionSpec side{.name = std::move(name), .kind = OptionKind::object, .summary = summary};
  side.required = true;
  if (has_dataset)
    side.fields.push_back({.name = "dataset",
                           .kind = OptionKind::name,
                           .summary = "An input of the job.",
                           .required = true});
  side.fields.push_back({.name = "amount",
                         .kind = OptionKind::column,
                         .summary = "The column whose sum is compared."});
  return side;
}

OptionSpec balance_option() {
  const OptionSpec in = side_option("in", "Where the amounts come from.", true);
  OptionSpec either_in{.name = "in",
                       .kind = OptionKind::either,
                       .summary = "Where the amounts come from: one input or a list of them."};
  either_in.required = true;
  either_in.fields = {in, {.name = "in", .kind = OptionKind::list, .fields = {in}}};
  OptionSpec compared{.name = "balance",
                      .kind = OptionKind::object,
                      .summary = "What must be equal before and after."};
  compared.fields = {either_in,
                     side_option("out", "Where they must be found again, in the output.", false),
                     {.name = "rows",
                      .kind = OptionKind::boolean,
                      .summary = "Also compare the number of rows.",
                      .default_text = "false"}};
  OptionSpec balance{.name = "balance",
                     .kind = OptionKind::either,
                     .summary = "What must be equal in inputs and output, or `none`."};
  balance.required = true;
  balance.fields = {{.name = "balance", .kind = OptionKind::choice, .choices = {"none"}}, compared};
  return balance;
}

std::vector<OptionSpec> transform_options() {
  return {{.name = "inputs",
           .kind = OptionKind::list,
           .summary = "Datasets the SQL reads, under these names.",
           .required = true,
           .fields = {input_element()}},
          {.name = "sql",
           .kind = OptionKind::sql,
           .summary = "One SELECT over the inputs.",
           .required = true},
          into_option("The dataset to make."),
          {.name = "key",
           .kind = OptionKind::columns,
           .summary = "Columns that tell its rows apart.",
           .required = true},
          {.name = "columns",
           .kind = OptionKind::map,
           .summary = "Its columns and their types, exactly those the SQL gives.",
           .required = true,
           .fields = {column_option()}},
          balance_option(),
          {.name = "because",
           .kind = OptionKind::text,
           .summary = "With `balance: none`: why nothing can be balanced."}};
}

}  // namespace

void register_transform(Registry<JobType>& jobs) {
  jobs.add({.name = "transform",
            .summary = "Makes a dataset from others with one SELECT.",
            .options = transform_options(),
            .shape = shape_transform,
            .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
              return std::make_unique<Transform>(spec);
            },
            .declares =
                [](const JobSpec& spec, int currency_scale) {
                  Diagnostics reported_when_planned;
                  return std::map<std::string, Schema>{
                      {spec.options.text("into"),
                       declared_schema(spec.options, currency_scale, reported_when_planned)}};
                }});
}

}  // namespace tallymill
