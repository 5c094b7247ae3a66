#include "books/allocation.h"
#include "core/text.h"
#include "jobs/allocation_planner.h"
#include "jobs/dataset_input.h"
#include "jobs/job_books.h"

namespace tallymill {
namespace {

/// Allocates pools to receivers, exact to the minor unit; what cannot be allocated is parked.
class Allocate final : public Job {
 public:
  explicit Allocate(const JobSpec& spec)
      : options_(spec.options), into_(spec.options.text("into")), job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override {
    planned_ = plan_allocation(context, options_, job_);
    return planned_.schemas;
  }
  void run(JobContext& context) override;

 private:
  void close(JobContext& context, const books::Allocation& allocation);
  json::object report(const books::Allocation& allocation) const;

  Options options_;
  std::string into_;
  std::string job_;
  PlannedAllocation planned_;
};

void Allocate::run(JobContext& context) {
  if (options_.has("previous"))
    planned_.books.previous = context.relation(input_name(options_.object("previous").node()));
  books::Allocation allocation(context.engine(), planned_.books);
  allocation.prepare();
  // Keys of pools and receivers are unique, and no pair is met twice.
  const bool has_own_key = !options_.has("key");
  const auto stage = [&](const std::string& dataset, const std::string& select, bool evidence) {
    context.stage({.dataset = dataset,
                   .select = select,
                   .schema = planned_.schemas.at(dataset),
                   .evidence = evidence,
                   .has_unique_key = has_own_key});
  };
  stage(into_, allocation.parts(), false);
  stage(job_ + ".parked", allocation.parked(), false);
  stage(job_ + ".residual", allocation.residual(), false);
  stage(job_ + ".trace", allocation.trace(), true);
  close(context, allocation);
}

/// What became of the pools, by which method and policies.
json::object Allocate::report(const books::Allocation& allocation) const {
  json::object outcomes;
  for (const auto& [outcome, pools] : allocation.outcomes()) outcomes[outcome] = pools;
  json::object policies;
  for (const char* policy : {"zero_driver", "negative_driver", "missing_driver", "no_receivers"})
    policies[policy] = options_.text(policy);
  json::object report{{"method", books::to_string(planned_.books.method)},
                      {"policies", std::move(policies)},
                      {"pools", std::move(outcomes)}};
  const books::Examples idle = allocation.receivers_without_pools();
  if (idle.count > 0)
    report["receivers_without_pools"] = json::object{{"rows", idle.count}, {"first", idle.text}};
  json::array currencies;
  for (const auto& total : allocation.currencies())
    currencies.push_back(json::object{
        {"currency", total.currency}, {"pools", total.pools}, {"amount", total.amount}});
  if (!currencies.empty()) report["currencies"] = std::move(currencies);
  return report;
}

/// Closed by pool first, which names the pool that is off, then in total for the ledger.
void Allocate::close(JobContext& context, const books::Allocation& allocation) {
  allocation.require_closed(staged_relation(context, into_),
                            staged_relation(context, job_ + ".parked"),
                            staged_relation(context, job_ + ".residual"));
  const std::map<std::string, int> scales{{"amount", planned_.books.amount.type.scale}};
  const Rows in = context.engine().query("SELECT count(*), coalesce(sum(" +
                                         quote_identifier(planned_.books.amount.name) +
                                         "), 0) FROM " + planned_.books.pools);
  TaskResult& result = context.result();
  result.rows_in = in.integer(0, 0);
  result.rows_out = staged(context, into_).rows;
  result.rows_rejected = staged(context, job_ + ".parked").rows;
  result.report = report(allocation);

  // Rows are pools: how many receivers share one is no matter of the books.
  Ledger ledger(scales);
  Ledger::Entry& debit = ledger.debit("in");
  const books::Allocation::Totals totals = allocation.totals();
  debit.rows = totals.pools;
  debit.amounts["amount"] = units_of_text(in.text(0, 1), planned_.books.amount.type.scale);
  credit_staged(ledger, "allocated", context, into_, scales);
  ledger.credit("allocated").rows = totals.pools - totals.parked;
  credit_staged(ledger, "parked", context, job_ + ".parked", scales);
  credit_staged(ledger, "residual", context, job_ + ".residual", scales);
  ledger.credit("residual").rows = 0;  // of pools that are allocated, and counted there
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const Options pool = options.object("pool");
  const Options receivers = options.object("receivers");
  add_input(read_input(pool.node(), diagnostics), shape, diagnostics);
  add_input(read_input(receivers.node(), diagnostics), shape, diagnostics);
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".parked", spec.where});
  shape.outputs.push_back({spec.name + ".residual", spec.where});
  shape.evidence.push_back({spec.name + ".trace", spec.where});
  const YamlNode driver = options.node("driver");
  if (const YamlNode rule = driver.find("rule"))
    shape.files.push_back({"rules/" + std::string(rule.text()) + ".lua", rule.position()});
  if (options.node("hierarchy").is_mapping())
    add_input(read_input(options.node("hierarchy"), diagnostics), shape, diagnostics);
  if (options.has("previous"))
    add_input(read_input(options.node("previous"), diagnostics), shape, diagnostics);
  if (options.has("previous") != (options.text("zero_driver") == "previous"))
    diagnostics.error(options.position("zero_driver"),
                      "zero_driver 'previous' and 'previous' go together",
                      "previous: { dataset: " + options.text("into") +
                          ", period: \"add_months(period, -1)\", missing: empty } says where the "
                          "earlier parts are");
  const YamlNode match = receivers.node("match");
  const bool by_grain = match && match.find("by");
  for (std::size_t i = 0; match && i < match.size(); ++i) {
    const bool wants_mapping = by_grain && match.key(i).text() != "by";
    if (match[i].is_mapping() != wants_mapping)
      diagnostics.error(match[i].position(),
                        wants_mapping ? "expected a mapping of pool columns to receiver columns"
                                      : "expected the name of a column",
                        by_grain ? "" : "give 'by: <pool column>' to match by its values");
  }
}

OptionSpec with_periods(OptionSpec input) {
  for (OptionSpec& option : period_options()) input.fields.push_back(std::move(option));
  return input;
}

OptionSpec pool_option() {
  return {.name = "pool",
          .kind = OptionKind::object,
          .summary = "What is allocated, one row a pool.",
          .required = true,
          .fields = {{.name = "dataset",
                      .kind = OptionKind::name,
                      .summary = "Dataset of pools.",
                      .required = true},
                     {.name = "amount",
                      .kind = OptionKind::column,
                      .summary = "Column to allocate; may be negative.",
                      .required = true},
                     {.name = "sum_by",
                      .kind = OptionKind::columns,
                      .summary = "Rows that agree in these columns are one pool.",
                      .default_text = "every row is a pool"},
                     {.name = "currency",
                      .kind = OptionKind::column,
                      .summary = "Column that names the pool's currency; carried."},
                     {.name = "minor_units",
                      .kind = OptionKind::map,
                      .summary = "Fraction digits of currencies that have fewer than the amount.",
                      .fields = {{.name = "", .kind = OptionKind::integer}}}}};
}

OptionSpec receivers_option() {
  const OptionSpec column{.name = "", .kind = OptionKind::column};
  const OptionSpec pairs{.name = "", .kind = OptionKind::map, .fields = {column}};
  return {.name = "receivers",
          .kind = OptionKind::object,
          .summary = "Who gets a part.",
          .required = true,
          .fields = {
              {.name = "dataset",
               .kind = OptionKind::name,
               .summary = "Dataset of receivers.",
               .required = true},
              {.name = "key",
               .kind = OptionKind::columns,
               .summary = "Unique columns of a receiver; ties go to the smaller key.",
               .required = true},
              {.name = "match",
               .kind = OptionKind::map,
               .summary = "Pool column: receiver column; or by: a pool column, and such a "
                          "mapping for each of its values.",
               .default_text = "every receiver",
               .fields = {{.name = "", .kind = OptionKind::either, .fields = {column, pairs}}}}}};
}

OptionSpec driver_option() {
  return {.name = "driver",
          .kind = OptionKind::either,
          .summary =
              "Column of the receivers that shares are proportional to, an expression over them, "
              "or a driver rule that names the column for each pool.",
          .required = true,
          .fields = {{.name = "column", .kind = OptionKind::column},
                     {.name = "",
                      .kind = OptionKind::object,
                      .fields = {{.name = "column",
                                  .kind = OptionKind::column,
                                  .summary = "Column of the receivers."},
                                 {.name = "sql",
                                  .kind = OptionKind::expression,
                                  .summary = "An SQL expression over the receivers."},
                                 {.name = "rule",
                                  .kind = OptionKind::name,
                                  .summary = "rules/<name>.lua, a driver rule over the pool."},
                                 {.name = "params",
                                  .kind = OptionKind::map,
                                  .summary = "Values of the rule's parameters.",
                                  .fields = {{.name = "", .kind = OptionKind::text}}}}}}};
}

OptionSpec hierarchy_option() {
  return {.name = "hierarchy",
          .kind = OptionKind::either,
          .summary =
              "Columns of the receivers from the top down, or a dataset of places that "
              "name their parent: every subtotal is within one unit of its exact share.",
          .fields = {{.name = "columns", .kind = OptionKind::columns},
                     with_periods({.name = "",
                                   .kind = OptionKind::object,
                                   .fields = {{.name = "place",
                                               .kind = OptionKind::column,
                                               .summary = "Column of the receivers.",
                                               .required = true},
                                              {.name = "dataset",
                                               .kind = OptionKind::name,
                                               .summary = "Dataset of places.",
                                               .required = true},
                                              {.name = "key",
                                               .kind = OptionKind::column,
                                               .summary = "Key of a place.",
                                               .required = true},
                                              {.name = "parent",
                                               .kind = OptionKind::column,
                                               .summary = "Key of the place above; none at a root.",
                                               .required = true}}})}};
}

OptionSpec policy(const char* name, const char* summary, std::vector<std::string> choices) {
  return {.name = name,
          .kind = OptionKind::choice,
          .summary = summary,
          .required = true,
          .choices = std::move(choices)};
}

std::vector<OptionSpec> options() {
  return {with_periods(pool_option()),
          with_periods(receivers_option()),
          {.name = "carry",
           .kind = OptionKind::columns,
           .summary = "Pool columns that every part carries, its key among them.",
           .default_text = "the pool's key"},
          driver_option(),
          {.name = "method",
           .kind = OptionKind::choice,
           .summary = "How the last units are placed.",
           .default_text = "largest_remainder, with a hierarchy cumulative",
           .choices = {"largest_remainder", "cumulative", "webster", "huntington_hill",
                       "remainder_to_first"}},
          hierarchy_option(),
          policy("zero_driver", "A pool whose drivers add up to zero.",
                 {"even", "park", "fail", "previous"}),
          with_periods({.name = "previous",
                        .kind = OptionKind::object,
                        .summary = "Parts of an earlier period, for zero_driver: previous.",
                        .fields = {{.name = "dataset",
                                    .kind = OptionKind::name,
                                    .summary = "Dataset of parts.",
                                    .required = true}}}),
          policy("negative_driver", "A pool that meets a negative driver value.",
                 {"fail", "zero", "park"}),
          policy("missing_driver", "A pool that meets a receiver without a driver value.",
                 {"zero", "park", "fail"}),
          policy("no_receivers", "A pool that matches no receiver.", {"park", "fail"}),
          into_option("Dataset of the parts."),
          {.name = "key",
           .kind = OptionKind::columns,
           .summary = "Key of the parts.",
           .default_text = "the pool's key and the receiver's"}};
}

}  // namespace

void register_allocate(Registry<JobType>& jobs) {
  jobs.add({
      .name = "allocate",
      .summary = "Splits pools of money among receivers by a driver, exact to the minor unit.",
      .options = options(),
      .shape = shape,
      .make = [](const JobSpec& spec) -> std::unique_ptr<Job> {
        return std::make_unique<Allocate>(spec);
      },
  });
}

}  // namespace tallymill
