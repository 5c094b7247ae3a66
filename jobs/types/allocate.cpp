#include <algorithm>
#include <set>

#include "books/allocation.h"
#include "core/text.h"
#include "jobs/job_books.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::AllocationPlan;
using books::Grain;

/// Names of result columns that no carried column or receiver key may have.
const std::set<std::string>& taken_names() {
  static const std::set<std::string> names{"amount",         "outcome", "reason",
                                           "receivers",      "driver",  "driver_total",
                                           "without_driver", "rule",    "rule_version"};
  return names;
}

bool is_weight(const Type& type) {
  constexpr int kNarrow = 18;  // fits the 64-bit units the books compute with
  return type.is_summable() && type.precision <= kNarrow;
}

bool are_comparable(const Type& a, const Type& b) {
  const auto kind = [](const Type& type) {
    return type.kind == TypeKind::enumeration ? TypeKind::text : type.kind;
  };
  return kind(a) == kind(b) && a.scale == b.scale;
}

/// Allocates pools to receivers, exact to the minor unit; what cannot be allocated is parked.
class Allocate final : public Job {
 public:
  explicit Allocate(const JobSpec& spec)
      : options_(spec.options),
        pool_(spec.options.object("pool")),
        receivers_(spec.options.object("receivers")),
        pool_dataset_(pool_.text("dataset")),
        receiver_dataset_(receivers_.text("dataset")),
        into_(spec.options.text("into")),
        job_(spec.name) {}

  std::map<std::string, Schema> plan(JobContext& context) override;
  void run(JobContext& context) override;

 private:
  const Column* find(JobContext& context, const std::string& dataset, const std::string& name,
                     const SourcePosition& where) const;
  std::vector<Column> find_all(JobContext& context, const std::string& dataset,
                               const std::vector<std::string>& names,
                               const SourcePosition& where) const;
  void plan_pools(JobContext& context);
  void plan_receivers(JobContext& context);
  void plan_match(JobContext& context);
  Grain grain_of(JobContext& context, std::string value, YamlNode pairs) const;
  void check_grains(JobContext& context, const Column& column) const;
  void plan_driver(JobContext& context);
  void plan_rule(JobContext& context, const Options& driver);
  void plan_policies();
  void check_names(JobContext& context) const;
  std::map<std::string, Schema> schemas() const;
  void close(JobContext& context, const books::Allocation& allocation);

  Options options_;
  Options pool_;
  Options receivers_;
  std::string pool_dataset_;
  std::string receiver_dataset_;
  std::string into_;
  std::string job_;
  AllocationPlan plan_;
  std::map<std::string, Schema> schemas_;
};

std::map<std::string, Schema> Allocate::plan(JobContext& context) {
  plan_pools(context);
  plan_receivers(context);
  plan_match(context);
  plan_driver(context);
  plan_policies();
  check_names(context);
  schemas_ = schemas();
  return schemas_;
}

const Column* Allocate::find(JobContext& context, const std::string& dataset,
                             const std::string& name, const SourcePosition& where) const {
  const Schema& schema = context.schema(dataset);
  if (const Column* column = schema.find(name)) return column;
  std::string hint = did_you_mean(name, schema.names());
  if (hint.empty()) hint = "its columns are " + join(schema.names(), ", ");
  context.diagnostics().error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                              std::move(hint));
  return nullptr;
}

std::vector<Column> Allocate::find_all(JobContext& context, const std::string& dataset,
                                       const std::vector<std::string>& names,
                                       const SourcePosition& where) const {
  std::vector<Column> columns;
  for (const std::string& name : names)
    if (const Column* column = find(context, dataset, name, where)) columns.push_back(*column);
  return columns;
}

/// A pool is known by its dataset's key, which every result carries; a dataset without a key is
/// known by what is carried.
void Allocate::plan_pools(JobContext& context) {
  const Schema& schema = context.schema(pool_dataset_);
  plan_.pools = context.relation(pool_dataset_);
  if (const Column* amount =
          find(context, pool_dataset_, pool_.text("amount"), pool_.position("amount"))) {
    plan_.amount = *amount;
    if (!is_weight(amount->type))
      context.diagnostics().error(pool_.position("amount"),
                                  "column '" + amount->name + "' is " + amount->type.name() +
                                      "; a pool's amount is money, integer or decimal of up to 18 "
                                      "digits");
  }
  std::vector<std::string> key = schema.key;
  if (std::any_of(key.begin(), key.end(),
                  [](const std::string& name) { return is_provenance(name); }))
    key.clear();
  std::vector<std::string> carried = options_.columns("carry");
  if (!options_.has("carry")) carried = key;
  plan_.carry = find_all(context, pool_dataset_, carried, options_.position("carry"));
  for (const std::string& name : key)
    if (std::find(carried.begin(), carried.end(), name) == carried.end())
      context.diagnostics().error(
          options_.position("carry"),
          "carry misses '" + name + "' of the pool's key (" + join(key, ", ") + ")",
          "without it a part cannot be traced to its pool, nor the books closed by pool");
  if (carried.empty())
    context.diagnostics().error(options_.position("carry"),
                                "the pool has no key and nothing is carried",
                                "carry the columns that tell one pool from another");
  plan_.pool_key_is_unique = !key.empty();
  plan_.pool_key = key.empty() ? carried : key;
}

void Allocate::plan_receivers(JobContext& context) {
  const std::vector<std::string> key = receivers_.columns("key");
  plan_.receivers = context.relation(receiver_dataset_);
  plan_.receiver_key = find_all(context, receiver_dataset_, key, receivers_.position("key"));
  const std::vector<std::string>& declared = context.schema(receiver_dataset_).key;
  plan_.receiver_key_is_unique =
      !declared.empty() &&
      std::is_permutation(key.begin(), key.end(), declared.begin(), declared.end());
}

Grain Allocate::grain_of(JobContext& context, std::string value, YamlNode pairs) const {
  Grain grain{std::move(value), {}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string pool_name(pairs.key(i).text());
    const std::string receiver_name(pairs[i].text());
    const Column* pool_column = find(context, pool_dataset_, pool_name, pairs.key(i).position());
    const Column* receiver_column =
        find(context, receiver_dataset_, receiver_name, pairs[i].position());
    if (pool_column == nullptr || receiver_column == nullptr) continue;
    if (!are_comparable(pool_column->type, receiver_column->type))
      context.diagnostics().error(pairs[i].position(),
                                  "'" + pool_name + "' is " + pool_column->type.name() + " and '" +
                                      receiver_name + "' is " + receiver_column->type.name(),
                                  "cast one of them in a cleanse before");
    grain.columns.emplace_back(pool_name, receiver_name);
  }
  return grain;
}

/// `match: { pool column: receiver column }`, or by the values of one pool column:
/// `match: { by: grain, branch: { org_code: branch } }`. No match: every receiver.
void Allocate::plan_match(JobContext& context) {
  const YamlNode match = receivers_.node("match");
  if (!match) {
    plan_.grains = {Grain{}};
    return;
  }
  const YamlNode by = match.find("by");
  if (!by) {
    plan_.grains = {grain_of(context, "", match)};
    return;
  }
  plan_.grain_column = by.text();
  for (std::size_t i = 0; i < match.size(); ++i)
    if (match.key(i).text() != "by")
      plan_.grains.push_back(grain_of(context, std::string(match.key(i).text()), match[i]));
  if (const Column* column = find(context, pool_dataset_, plan_.grain_column, by.position()))
    check_grains(context, *column);
}

/// An enum says all grains there can be, so a misspelt or forgotten one is found before the run.
void Allocate::check_grains(JobContext& context, const Column& column) const {
  if (column.type.kind != TypeKind::enumeration) return;
  const YamlNode match = receivers_.node("match");
  const std::vector<std::string>& values = column.type.values;
  for (std::size_t i = 0; i < match.size(); ++i) {
    const std::string value(match.key(i).text());
    if (value != "by" && std::find(values.begin(), values.end(), value) == values.end())
      context.diagnostics().error(
          match.key(i).position(),
          "'" + value + "' is no value of '" + column.name + "', which is " + column.type.name(),
          did_you_mean(value, values));
  }
  for (const std::string& value : values)
    if (!match.find(value))
      context.diagnostics().warning(match.position(),
                                    "pools of " + column.name + " '" + value +
                                        "' match no receiver: they follow no_receivers");
}

void Allocate::plan_driver(JobContext& context) {
  const YamlNode node = options_.node("driver");
  const Options driver = node.is_mapping() ? Options(node) : Options(node, "column");
  if (driver.has("rule") == driver.has("column")) {
    context.diagnostics().error(node.position(), "driver needs either 'rule' or 'column'");
    return;
  }
  if (driver.has("rule")) {
    plan_rule(context, driver);
    return;
  }
  const std::string name = driver.text("column");
  const Column* column = find(context, receiver_dataset_, name, driver.position("column"));
  if (column == nullptr) return;
  if (!is_weight(column->type))
    context.diagnostics().error(driver.position("column"),
                                "driver '" + name + "' is " + column->type.name() +
                                    "; a driver is integer, money or decimal of up to 18 digits");
  plan_.drivers = {*column};
  plan_.driver = quote_literal(name);
  plan_.driver_error = "CAST(NULL AS VARCHAR)";
}

/// The rule sees a pool and names the column, so every number column of the receivers may be one.
void Allocate::plan_rule(JobContext& context, const Options& driver) {
  const SourcePosition where = driver.position("rule");
  const std::string name = driver.text("rule");
  for (const Column& column : context.schema(receiver_dataset_).columns)
    if (is_weight(column.type)) plan_.drivers.push_back(column);
  const RuleInfo* rule = context.rule(name, where);
  if (rule == nullptr) return;
  if (rule->kind != RuleKind::driver) {
    context.diagnostics().error(
        where, "rule '" + name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "a driver is chosen by a driver rule");
    return;
  }
  const auto call =
      context.rules().bind({name}, context.schema(pool_dataset_),
                           rule_params(context, driver, "params"), where, context.diagnostics());
  if (!call) return;
  plan_.driver = "struct_extract(" + call->expression + ", 'driver')";
  plan_.driver_error = "struct_extract(" + call->expression + ", 'error')";
  plan_.rule = name;
  if (const auto it = context.task().files.find(rule->file); it != context.task().files.end())
    plan_.rule_version = it->second.sha256;
}

void Allocate::plan_policies() {
  const std::string zero = options_.text("zero_driver");
  const std::string negative = options_.text("negative_driver");
  plan_.zero_driver = zero == "even"   ? books::ZeroDriver::even
                      : zero == "park" ? books::ZeroDriver::park
                                       : books::ZeroDriver::fail;
  plan_.negative_driver = negative == "zero"   ? books::NegativeDriver::zero
                          : negative == "park" ? books::NegativeDriver::park
                                               : books::NegativeDriver::fail;
  plan_.no_receivers =
      options_.text("no_receivers") == "park" ? books::NoReceivers::park : books::NoReceivers::fail;
}

void Allocate::check_names(JobContext& context) const {
  std::set<std::string> seen = taken_names();
  const auto take = [&](const std::vector<Column>& columns, const SourcePosition& where) {
    for (const Column& column : columns)
      if (!seen.insert(column.name).second)
        context.diagnostics().error(
            where, "two columns of the result would be named '" + column.name + "'",
            "rename one of them with a 'derive' step before");
  };
  take(plan_.carry, options_.position("carry"));
  take(plan_.receiver_key, receivers_.position("key"));
}

std::map<std::string, Schema> Allocate::schemas() const {
  const Column amount{.name = "amount", .type = plan_.amount.type, .required = true};
  const auto with = [&](std::vector<Column> more, std::vector<std::string> key) {
    Schema schema{.columns = plan_.carry, .key = std::move(key)};
    schema.columns.insert(schema.columns.end(), more.begin(), more.end());
    return schema;
  };
  const auto text = [](const char* name) { return Column{.name = name, .type = Type::text()}; };
  const auto integer = [](const char* name) {
    return Column{.name = name, .type = Type::integer()};
  };
  std::vector<Column> part = plan_.receiver_key;
  std::vector<std::string> key = plan_.pool_key;
  for (const Column& column : plan_.receiver_key) key.push_back(column.name);
  if (options_.has("key")) key = options_.columns("key");
  part.push_back(amount);
  return {{into_, with(part, key)},
          {job_ + ".parked", with({amount, text("reason")}, plan_.pool_key)},
          {job_ + ".residual", with({amount, text("reason")}, plan_.pool_key)},
          {job_ + ".trace", with({amount, text("outcome"), text("reason"), integer("receivers"),
                                  integer("without_driver"), text("driver"), text("driver_total"),
                                  text("rule"), text("rule_version")},
                                 plan_.pool_key)}};
}

void Allocate::run(JobContext& context) {
  books::Allocation allocation(context.engine(), plan_);
  allocation.prepare();
  const auto stage = [&](const std::string& dataset, const std::string& select, bool evidence) {
    context.stage({.dataset = dataset,
                   .select = select,
                   .schema = schemas_.at(dataset),
                   .evidence = evidence});
  };
  stage(into_, allocation.parts(), false);
  stage(job_ + ".parked", allocation.parked(), false);
  stage(job_ + ".residual", allocation.residual(), false);
  stage(job_ + ".trace", allocation.trace(), true);
  close(context, allocation);
}

/// Closed by pool first, which names the pool that is off, then in total for the ledger.
void Allocate::close(JobContext& context, const books::Allocation& allocation) {
  allocation.require_closed(staged_relation(context, into_),
                            staged_relation(context, job_ + ".parked"),
                            staged_relation(context, job_ + ".residual"));
  const std::map<std::string, int> scales{{"amount", plan_.amount.type.scale}};
  const Rows in =
      context.engine().query("SELECT count(*), coalesce(sum(" +
                             quote_identifier(plan_.amount.name) + "), 0) FROM " + plan_.pools);
  TaskResult& result = context.result();
  result.rows_in = in.integer(0, 0);
  result.rows_out = staged(context, into_).rows;
  result.rows_rejected = staged(context, job_ + ".parked").rows;
  json::object outcomes;
  for (const auto& [outcome, pools] : allocation.outcomes()) outcomes[outcome] = pools;
  result.report["pools"] = std::move(outcomes);

  // Rows are pools: how many receivers share one is no matter of the books.
  Ledger ledger(scales);
  Ledger::Entry& debit = ledger.debit("in");
  debit.rows = result.rows_in;
  debit.amounts["amount"] = units_of_text(in.text(0, 1), plan_.amount.type.scale);
  credit_staged(ledger, "allocated", context, into_, scales);
  ledger.credit("allocated").rows = allocation.totals().pools - allocation.totals().parked;
  credit_staged(ledger, "parked", context, job_ + ".parked", scales);
  credit_staged(ledger, "residual", context, job_ + ".residual", scales);
  close_books(context, ledger);
}

void shape(const JobSpec& spec, JobShape& shape, Diagnostics& diagnostics) {
  const Options& options = spec.options;
  const Options pool = options.object("pool");
  const Options receivers = options.object("receivers");
  shape.inputs.push_back({pool.text("dataset"), pool.position("dataset")});
  shape.inputs.push_back({receivers.text("dataset"), receivers.position("dataset")});
  shape.outputs.push_back({options.text("into"), options.position("into")});
  shape.outputs.push_back({spec.name + ".parked", spec.where});
  shape.outputs.push_back({spec.name + ".residual", spec.where});
  shape.evidence.push_back({spec.name + ".trace", spec.where});
  const YamlNode driver = options.node("driver");
  if (const YamlNode rule = driver.find("rule"))
    shape.files.push_back({"rules/" + std::string(rule.text()) + ".lua", rule.position()});
  if (options.text("zero_driver") == "previous")
    diagnostics.error(options.position("zero_driver"),
                      "zero_driver 'previous' is not supported yet", "use even, park or fail");
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
                      .required = true}}};
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
              "Column of the receivers that shares are proportional to, or a driver rule "
              "that names it for each pool.",
          .required = true,
          .fields = {{.name = "column", .kind = OptionKind::column},
                     {.name = "",
                      .kind = OptionKind::object,
                      .fields = {{.name = "column",
                                  .kind = OptionKind::column,
                                  .summary = "Column of the receivers."},
                                 {.name = "rule",
                                  .kind = OptionKind::name,
                                  .summary = "rules/<name>.lua, a driver rule over the pool."},
                                 {.name = "params",
                                  .kind = OptionKind::map,
                                  .summary = "Values of the rule's parameters.",
                                  .fields = {{.name = "", .kind = OptionKind::text}}}}}}};
}

OptionSpec policy(const char* name, const char* summary, std::vector<std::string> choices) {
  return {.name = name,
          .kind = OptionKind::choice,
          .summary = summary,
          .required = true,
          .choices = std::move(choices)};
}

std::vector<OptionSpec> options() {
  return {pool_option(),
          receivers_option(),
          {.name = "carry",
           .kind = OptionKind::columns,
           .summary = "Pool columns that every part carries, its key among them.",
           .default_text = "the pool's key"},
          driver_option(),
          {.name = "method",
           .kind = OptionKind::choice,
           .summary = "How the last units are placed.",
           .default_text = "largest_remainder",
           .choices = {"largest_remainder"}},
          policy("zero_driver", "A pool whose drivers add up to zero.",
                 {"even", "park", "fail", "previous"}),
          policy("negative_driver", "A pool that meets a negative driver value.",
                 {"fail", "zero", "park"}),
          policy("no_receivers", "A pool that matches no receiver.", {"park", "fail"}),
          {.name = "into",
           .kind = OptionKind::name,
           .summary = "Dataset of the parts.",
           .required = true},
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
