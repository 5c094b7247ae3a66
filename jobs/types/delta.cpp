#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

/// What has to be posted so that the sums of what is posted are those of a dataset.
class Delta final : public Job {
 public:
  explicit Delta(const JobSpec& spec)
      : options_(spec.options),
        into_(spec.options.text("into")),
        reverses_(spec.options.boolean("reverse")) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  Options options_;
  std::string into_;
  bool reverses_;
  AmountInput of_;
  AmountInput posted_;
  std::vector<Column> key_;
  Schema schema_;
};

std::map<std::string, Schema> Delta::plan(JobContext& context) {
  of_ = read_amount_input(context, options_.object("of"));
  posted_ = read_amount_input(context, options_.object("posted"));
  std::vector<std::string> names = options_.columns("key");
  if (!options_.has("key")) names = business_key(of_);
  const SourcePosition where = options_.position("key");
  key_ = input_columns(context, of_.dataset, names, where);
  if (names.empty())
    context.diagnostics().error(where, "dataset '" + of_.dataset + "' has no key",
                                "say by which columns amounts are posted: key: [...]");
  const auto compare = [&](const Column& mine, const Column& other, const SourcePosition& place) {
    if (mine.type != other.type)
      context.diagnostics().error(place,
                                  "'" + mine.name + "' of '" + of_.dataset + "' is " +
                                      mine.type.name() + " and '" + other.name + "' of '" +
                                      posted_.dataset + "' is " + other.type.name(),
                                  "cast one of them in a cleanse before");
  };
  for (const Column& column : key_)
    if (const Column* other = input_column(context, posted_.dataset, column.name, where))
      compare(column, *other, where);
  compare(of_.amount, posted_.amount, options_.object("posted").position("amount"));
  require_free_names(context, key_, {"amount", "kind"}, where);
  schema_ = {.columns = key_, .key = names};
  schema_.columns.push_back(amount_like(of_));
  schema_.columns.push_back({.name = "kind",
                             .type = {TypeKind::enumeration, 0, 0, {"new", "changed", "gone"}},
                             .required = true});
  return {{into_, schema_}};
}

void Delta::run(JobContext& context) {
  Engine& engine = context.engine();
  const std::string key = books::column_list(key_);
  const auto side = [&](const AmountInput& input, const char* of, const char* posted,
                        const std::string& where) {
    return "SELECT " + key + ", " +
           books::units_sql(engine, input.amount.type, quote_identifier(input.amount.name)) +
           " AS tm_u, " + of + " AS tm_of, " + posted + " AS tm_posted FROM " + input.relation +
           where;
  };
  const std::string rows = side(of_, "1", "0", reverses_ ? " WHERE false" : "") + " UNION ALL " +
                           side(posted_, "0", "1", "");
  context.stage(
      {.dataset = into_,
       .select = "SELECT " + key + ", " +
                 books::amount_sql(engine, of_.amount.type, "CAST(tm_difference AS BIGINT)") +
                 " AS amount, CASE WHEN tm_posted = 0 THEN 'new' WHEN tm_of = 0 THEN 'gone' ELSE "
                 "'changed' END AS kind FROM (SELECT " +
                 key +
                 ", sum(tm_u * (tm_of - tm_posted)) AS tm_difference, sum(tm_of) AS tm_of, "
                 "sum(tm_posted) AS tm_posted FROM (" +
                 rows + ") GROUP BY " + key + ") WHERE tm_difference <> 0",
       .schema = schema_,
       .has_unique_key = true});
  const std::map<std::string, int> scales{{"amount", of_.amount.type.scale}};
  TaskResult& result = context.result();
  const TaskOutput& output = staged(context, into_);
  Ledger::Entry of;
  Ledger::Entry posted;
  enter_input(context, of_, of);
  enter_input(context, posted_, posted);
  result.rows_in = of.rows + posted.rows;
  result.rows_out = output.rows;
  const Rows kinds = engine.query("SELECT kind, count(*) FROM " + staged_relation(context, into_) +
                                  " GROUP BY kind ORDER BY kind");
  json::object counts;
  for (std::size_t row = 0; row < kinds.cells.size(); ++row)
    counts[kinds.text(row, 0)] = kinds.integer(row, 1);
  result.report["kinds"] = std::move(counts);

  // Amounts alone balance: a row that stands posted already makes none.
  Ledger ledger(scales);
  Ledger::Entry& due = ledger.debit(reverses_ ? "nothing" : "of");
  if (!reverses_) due.amounts = of.amounts;
  ledger.credit("posted").amounts = posted.amounts;
  credit_staged(ledger, "delta", context, into_, scales);
  ledger.credit("delta").rows = 0;
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  add_input(read_input(options.node("of"), diagnostics), shape, diagnostics);
  add_input(read_input(options.node("posted"), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
}

std::vector<OptionSpec> options() {
  return {
      amount_input_option("of", "What shall stand posted."),
      amount_input_option("posted", "What stands posted: all postings so far, any number a key."),
      {.name = "key",
       .kind = OptionKind::columns,
       .summary = "Columns of both by which amounts are posted.",
       .default_text = "the key of `of`"},
      {.name = "reverse",
       .kind = OptionKind::boolean,
       .summary = "Take back all that is posted.",
       .default_text = "false"},
      into_option("Dataset of what is still to post.")};
}

}  // namespace

void register_delta(Registry<JobType>& jobs) {
  jobs.add({
      .name = "delta",
      .summary = "Finds what is still to post, or takes back what was posted.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Delta>(spec);
      },
  });
}

}  // namespace tallymill
