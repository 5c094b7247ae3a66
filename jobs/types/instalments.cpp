#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

/// A century: what is longer is a mistake, and would make rows without end.
constexpr int kLongestTerm = 1200;

/// Spreads amounts over months in equal instalments; the last one takes what division leaves.
class Instalments final : public Job {
 public:
  explicit Instalments(const JobSpec& spec)
      : options_(spec.options), into_(spec.options.text("into")), parked_(spec.name + ".parked") {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  std::string judged(JobContext& context) const;

  Options options_;
  std::string into_;
  std::string parked_;
  AmountInput from_;
  std::vector<Column> carry_;
  std::map<std::string, Schema> schemas_;
};

std::map<std::string, Schema> Instalments::plan(JobContext& context) {
  const Options from = options_.object("from");
  from_ = read_amount_input(context, from);
  const auto require_kind = [&](const char* option, TypeKind kind, const std::string& name) {
    const Column* column =
        input_column(context, from_.dataset, options_.text(option), options_.position(option));
    if (column != nullptr && column->type.kind != kind)
      context.diagnostics().error(
          options_.position(option),
          "column '" + column->name + "' is " + column->type.name() + ", expected " + name);
  };
  require_kind("months", TypeKind::integer, "integer");
  require_kind("start", TypeKind::date, "date");
  std::vector<std::string> carried = options_.columns("carry");
  const std::vector<std::string> key = business_key(from_);
  if (!options_.has("carry")) carried = key;
  carry_ = input_columns(context, from_.dataset, carried, options_.position("carry"));
  if (carried.empty())
    context.diagnostics().error(options_.position("carry"),
                                "dataset '" + from_.dataset + "' has no key and nothing is carried",
                                "carry the columns that tell one plan from another");
  require_free_names(context, carry_, {"instalment", "month", "amount", "reason"},
                     options_.position("carry"));
  Schema schedule{.columns = carry_, .key = key};
  schedule.columns.push_back({.name = "instalment", .type = Type::integer(), .required = true});
  schedule.columns.push_back({.name = "month", .type = Type::date(), .required = true});
  schedule.columns.push_back(amount_like(from_));
  if (!schedule.key.empty()) schedule.key.emplace_back("instalment");
  Schema parked{.columns = carry_, .key = key};
  parked.columns.push_back(amount_like(from_, false));
  parked.columns.push_back({.name = "reason", .type = Type::text(), .required = true});
  return schemas_ = {{into_, schedule}, {parked_, parked}};
}

/// The plans with tm_u (units), tm_n (months), tm_start and the reason that parks one.
std::string Instalments::judged(JobContext& context) const {
  const std::string amount = quote_identifier(from_.amount.name);
  const std::string months = quote_identifier(options_.text("months"));
  const std::string start = quote_identifier(options_.text("start"));
  return "(SELECT " + books::column_list(carry_) + ", " +
         books::units_sql(context.engine(), from_.amount.type, amount) + " AS tm_u, " + amount +
         " AS tm_amount, " + months + " AS tm_n, " + start + " AS tm_start, CASE WHEN " + amount +
         " IS NULL THEN 'no_amount' WHEN " + months + " IS NULL OR " + months +
         " < 1 THEN 'no_term' WHEN " + months + " > " + std::to_string(kLongestTerm) +
         " THEN 'term_too_long' WHEN " + start + " IS NULL THEN 'no_start' END AS tm_reason FROM " +
         from_.relation + ")";
}

void Instalments::run(JobContext& context) {
  const std::string plans = judged(context);
  const std::string carried = books::column_list(carry_);
  // The magnitude is divided and the sign put back, so the opposite plan has the opposite parts.
  const std::string each = "sign(tm_u) * (abs(tm_u) // tm_n)";
  context.stage(
      {.dataset = into_,
       .select = "SELECT " + carried +
                 ", tm_i AS instalment, CAST(date_trunc('month', tm_start) + "
                 "to_months(CAST(tm_i - 1 AS INTEGER)) AS DATE) AS month, " +
                 books::amount_sql(context.engine(), from_.amount.type,
                                   "CAST(CASE WHEN tm_i < tm_n THEN " + each +
                                       " ELSE tm_u - (tm_n - 1) * " + each + " END AS BIGINT)") +
                 " AS amount FROM (SELECT *, unnest(range(1, tm_n + 1)) AS tm_i FROM " + plans +
                 " WHERE tm_reason IS NULL)",
       .schema = schemas_.at(into_)});
  context.stage({.dataset = parked_,
                 .select = "SELECT " + carried +
                           ", tm_amount AS amount, tm_reason AS reason FROM " + plans +
                           " WHERE tm_reason IS NOT NULL",
                 .schema = schemas_.at(parked_)});
  const std::map<std::string, int> scales{{"amount", from_.amount.type.scale}};
  TaskResult& result = context.result();
  Ledger ledger(scales);
  enter_input(context, from_, ledger.debit("in"));
  result.rows_in = ledger.debit("in").rows;
  result.rows_out = staged(context, into_).rows;
  result.rows_rejected = staged(context, parked_).rows;
  // Rows are plans: how many months one takes is no matter of the books.
  credit_staged(ledger, "scheduled", context, into_, scales);
  ledger.credit("scheduled").rows = result.rows_in - result.rows_rejected;
  credit_staged(ledger, "parked", context, parked_, scales);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  add_input(read_input(options.node("from"), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".parked", spec.where});
}

std::vector<OptionSpec> options() {
  return {amount_input_option("from", "What is spread, one row a plan."),
          {.name = "months",
           .kind = OptionKind::column,
           .summary = "Column of the number of instalments, 1 to 1200.",
           .required = true},
          {.name = "start",
           .kind = OptionKind::column,
           .summary = "Column of a day in the month of the first instalment.",
           .required = true},
          {.name = "carry",
           .kind = OptionKind::columns,
           .summary = "Columns of the plan that every instalment carries.",
           .default_text = "the plan's key"},
          into_option("Dataset of the instalments of all months.")};
}

}  // namespace

void register_instalments(Registry<JobType>& jobs) {
  jobs.add({
      .name = "instalments",
      .summary = "Spreads amounts over months in equal instalments, the last one exact.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Instalments>(spec);
      },
  });
}

}  // namespace tallymill
