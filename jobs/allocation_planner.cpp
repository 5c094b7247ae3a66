#include "jobs/allocation_planner.h"

#include <algorithm>
#include <set>

#include "books/examples.h"
#include "core/rule_version.h"
#include "core/text.h"
#include "jobs/amount_input.h"
#include "jobs/dataset_input.h"
#include "jobs/input_keys.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::AllocationPlan;
using books::Grain;

/// Names of result columns that no carried column or receiver key may have.
const std::set<std::string>& taken_names() {
  static const std::set<std::string> names{
      "amount",         "outcome",         "reason", "receivers", "driver",      "driver_total",
      "without_driver", "negative_driver", "method", "rule",      "rule_version"};
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

class AllocationPlanner {
 public:
  AllocationPlanner(JobContext& context, const Options& options, std::string job)
      : context_(context),
        options_(options),
        pool_(options.object("pool")),
        receivers_(options.object("receivers")),
        pool_dataset_(input_name(pool_.node())),
        receiver_dataset_(input_name(receivers_.node())),
        job_(std::move(job)) {}

  PlannedAllocation plan();

 private:
  void plan_pools();
  void plan_receivers();
  void plan_match();
  Grain grain_of(std::string value, YamlNode pairs) const;
  void check_grains(const Column& column) const;
  void plan_driver();
  void plan_rule(const Options& driver);
  void plan_expression(const Options& driver);
  void plan_currency();
  void plan_method();
  void plan_tree(const Options& tree);
  void plan_policies();
  void plan_previous();
  void check_names() const;
  std::map<std::string, Schema> schemas() const;

  JobContext& context_;
  Options options_;
  Options pool_;
  Options receivers_;
  std::string pool_dataset_;
  std::string receiver_dataset_;
  std::string job_;
  AllocationPlan plan_;
};

PlannedAllocation AllocationPlanner::plan() {
  plan_pools();
  plan_currency();
  plan_receivers();
  plan_match();
  plan_driver();
  plan_method();
  plan_policies();
  plan_previous();
  check_names();
  return {plan_, schemas()};
}

/// A pool is known by its dataset's key, which every result carries; a dataset without a key is
/// known by what is carried.
void AllocationPlanner::plan_pools() {
  const Schema& schema = context_.schema(pool_dataset_);
  plan_.pools = context_.relation(pool_dataset_);
  if (const Column* amount =
          input_column(context_, pool_dataset_, pool_.text("amount"), pool_.position("amount"))) {
    plan_.amount = *amount;
    if (!is_weight(amount->type))
      context_.diagnostics().error(pool_.position("amount"),
                                   "column '" + amount->name + "' is " + amount->type.name() +
                                       "; a pool's amount is money, integer or decimal of up to 18 "
                                       "digits");
  }
  if (pool_.has("sum_by")) {
    const std::vector<std::string> by = pool_.columns("sum_by");
    plan_.sums_pools = true;
    plan_.carry = input_columns(context_, pool_dataset_, by, pool_.position("sum_by"));
    plan_.pool_key = by;
    if (options_.has("carry"))
      context_.diagnostics().error(options_.position("carry"),
                                   "pools that are summed carry what they are summed by",
                                   "leave 'carry' out");
    return;
  }
  std::vector<std::string> key = schema.key;
  if (std::any_of(key.begin(), key.end(),
                  [](const std::string& name) { return is_provenance(name); }))
    key.clear();
  std::vector<std::string> carried = options_.columns("carry");
  if (!options_.has("carry")) carried = key;
  plan_.carry = input_columns(context_, pool_dataset_, carried, options_.position("carry"));
  for (const std::string& name : key)
    if (std::find(carried.begin(), carried.end(), name) == carried.end())
      context_.diagnostics().error(
          options_.position("carry"),
          "carry misses '" + name + "' of the pool's key (" + join(key, ", ") + ")",
          "without it a part cannot be traced to its pool, nor the books closed by pool");
  if (carried.empty())
    context_.diagnostics().error(options_.position("carry"),
                                 "the pool has no key and nothing is carried",
                                 "carry the columns that tell one pool from another");
  plan_.pool_key_is_unique = !key.empty() && !reads_several(context_, pool_dataset_);
  plan_.pool_key = key.empty() ? carried : key;
}

/// Amounts of several currencies stay apart: the column that says which goes to every result. A
/// column of that name which nobody mentions would mix them.
void AllocationPlanner::plan_currency() {
  const auto carries = [&](const std::string& name) {
    return std::any_of(plan_.carry.begin(), plan_.carry.end(),
                       [&](const Column& column) { return column.name == name; });
  };
  if (!pool_.has("currency")) {
    if (context_.schema(pool_dataset_).find("currency") != nullptr && !carries("currency"))
      context_.diagnostics().error(
          pool_.position("dataset"),
          "dataset '" + pool_dataset_ + "' has a column 'currency' that its parts would lose",
          "say 'currency: currency', or carry it");
    return;
  }
  plan_.currency = pool_.text("currency");
  const Column* column =
      input_column(context_, pool_dataset_, plan_.currency, pool_.position("currency"));
  if (column == nullptr) return;
  if (!carries(plan_.currency)) {
    if (plan_.sums_pools)
      context_.diagnostics().error(pool_.position("sum_by"),
                                   "amounts of several currencies have no sum",
                                   "sum by '" + plan_.currency + "' too");
    plan_.carry.push_back(*column);
  }
  const YamlNode digits = pool_.node("minor_units");
  for (std::size_t i = 0; digits && i < digits.size(); ++i) {
    const std::int64_t count = Options(digits).integer(digits.key(i).text());
    if (count < 0 || count > plan_.amount.type.scale)
      context_.diagnostics().error(
          digits[i].position(), "'" + plan_.amount.name + "' is " + plan_.amount.type.name() +
                                    ", so a currency has 0 to " +
                                    std::to_string(plan_.amount.type.scale) + " fraction digits");
    else
      plan_.minor_units[std::string(digits.key(i).text())] = static_cast<int>(count);
  }
}

void AllocationPlanner::plan_receivers() {
  const std::vector<std::string> key = receivers_.columns("key");
  plan_.receivers = context_.relation(receiver_dataset_);
  plan_.receiver_key = input_columns(context_, receiver_dataset_, key, receivers_.position("key"));
  plan_.receiver_key_is_unique = is_unique_by(context_, receiver_dataset_, key);
}

Grain AllocationPlanner::grain_of(std::string value, YamlNode pairs) const {
  Grain grain{std::move(value), {}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::string pool_name(pairs.key(i).text());
    const std::string receiver_name(pairs[i].text());
    const Column* pool_column =
        input_column(context_, pool_dataset_, pool_name, pairs.key(i).position());
    const Column* receiver_column =
        input_column(context_, receiver_dataset_, receiver_name, pairs[i].position());
    if (pool_column == nullptr || receiver_column == nullptr) continue;
    if (!are_comparable(pool_column->type, receiver_column->type))
      context_.diagnostics().error(pairs[i].position(),
                                   "'" + pool_name + "' is " + pool_column->type.name() + " and '" +
                                       receiver_name + "' is " + receiver_column->type.name(),
                                   "cast one of them in a cleanse before");
    grain.columns.emplace_back(pool_name, receiver_name);
  }
  return grain;
}

/// `match: { pool column: receiver column }`, or by the values of one pool column:
/// `match: { by: grain, branch: { org_code: branch } }`. No match: every receiver.
void AllocationPlanner::plan_match() {
  const YamlNode match = receivers_.node("match");
  if (!match) {
    plan_.grains = {Grain{}};
    return;
  }
  const YamlNode by = match.find("by");
  if (!by) {
    plan_.grains = {grain_of("", match)};
    return;
  }
  plan_.grain_column = by.text();
  for (std::size_t i = 0; i < match.size(); ++i)
    if (match.key(i).text() != "by")
      plan_.grains.push_back(grain_of(std::string(match.key(i).text()), match[i]));
  if (const Column* column =
          input_column(context_, pool_dataset_, plan_.grain_column, by.position()))
    check_grains(*column);
}

/// An enum says all grains there can be, so a misspelt or forgotten one is found before the run.
void AllocationPlanner::check_grains(const Column& column) const {
  if (column.type.kind != TypeKind::enumeration) return;
  const YamlNode match = receivers_.node("match");
  const std::vector<std::string>& values = column.type.values;
  for (std::size_t i = 0; i < match.size(); ++i) {
    const std::string value(match.key(i).text());
    if (value != "by" && std::find(values.begin(), values.end(), value) == values.end())
      context_.diagnostics().error(
          match.key(i).position(),
          "'" + value + "' is no value of '" + column.name + "', which is " + column.type.name(),
          did_you_mean(value, values));
  }
  for (const std::string& value : values)
    if (!match.find(value))
      context_.diagnostics().warning(match.position(),
                                     "pools of " + column.name + " '" + value +
                                         "' match no receiver: they follow no_receivers");
}

void AllocationPlanner::plan_driver() {
  const YamlNode node = options_.node("driver");
  const Options driver = node.is_mapping() ? Options(node) : Options(node, "column");
  if (driver.has("rule") + driver.has("column") + driver.has("sql") != 1) {
    context_.diagnostics().error(node.position(), "driver needs one of 'rule', 'column' and 'sql'");
    return;
  }
  if (driver.has("rule")) return plan_rule(driver);
  if (driver.has("sql")) return plan_expression(driver);
  const std::string name = driver.text("column");
  const Column* column = input_column(context_, receiver_dataset_, name, driver.position("column"));
  if (column == nullptr) return;
  if (!is_weight(column->type))
    context_.diagnostics().error(driver.position("column"),
                                 "driver '" + name + "' is " + column->type.name() +
                                     "; a driver is integer, money or decimal of up to 18 digits");
  plan_.drivers = {*column};
  plan_.driver = quote_literal(name);
  plan_.driver_error = "CAST(NULL AS VARCHAR)";
}

/// The driver is then a column more of the receivers, called by its own text.
void AllocationPlanner::plan_expression(const Options& driver) {
  const SourcePosition where = driver.position("sql");
  const std::string text = driver.text("sql");
  const std::string bound = context_.bind_parameters(text, where);
  const auto type = context_.expression_type(bound, plan_.receivers, nullptr, where);
  if (!type) return;
  if (!is_weight(*type))
    context_.diagnostics().error(where, "the driver is " + type->name() +
                                            "; a driver is integer, money or decimal of up to 18 "
                                            "digits");
  plan_.receivers =
      "(SELECT *, (" + bound + ") AS " + quote_identifier(text) + " FROM " + plan_.receivers + ")";
  plan_.drivers = {{.name = text, .type = *type}};
  plan_.driver = quote_literal(text);
  plan_.driver_error = "CAST(NULL AS VARCHAR)";
}

/// The rule sees a pool and names the column, so every number column of the receivers may be one.
void AllocationPlanner::plan_rule(const Options& driver) {
  const SourcePosition where = driver.position("rule");
  const std::string name = driver.text("rule");
  for (const Column& column : context_.schema(receiver_dataset_).columns)
    if (is_weight(column.type)) plan_.drivers.push_back(column);
  const RuleInfo* rule = context_.rule(name, where);
  if (rule == nullptr) return;
  if (rule->kind != RuleKind::driver) {
    context_.diagnostics().error(
        where, "rule '" + name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "a driver is chosen by a driver rule");
    return;
  }
  Schema row = context_.schema(pool_dataset_);
  std::string relation = context_.relation(pool_dataset_);
  if (plan_.sums_pools) {
    row = {.columns = plan_.carry, .key = {}};
    relation = "(SELECT DISTINCT " + books::column_list(plan_.carry) + " FROM " + relation + ")";
  }
  const auto call = context_.rules().bind({name}, row, rule_params(context_, driver, "params"),
                                          where, context_.diagnostics());
  if (!call) return;
  context_.note_rule_site({.rule = name,
                           .relation = relation,
                           .condition = {},
                           .row = row,
                           .params = rule_params(context_, driver, "params"),
                           .where = where});
  plan_.driver = "struct_extract(" + call->expression + ", 'driver')";
  plan_.driver_error = "struct_extract(" + call->expression + ", 'error')";
  plan_.rule = name;
  if (const auto it = context_.task().files.find(rule->file); it != context_.task().files.end())
    plan_.rule_version = rule_version({rule->file, it->second.sha256});
}

/// With a hierarchy every subtotal of it is right, so `cumulative` is the default there.
void AllocationPlanner::plan_method() {
  const bool has_hierarchy = options_.has("hierarchy");
  plan_.method = has_hierarchy ? books::Method::cumulative : books::Method::largest_remainder;
  if (const auto method = books::method_from(options_.text("method"))) plan_.method = *method;
  if (!has_hierarchy) return;
  if (plan_.method != books::Method::cumulative)
    context_.diagnostics().error(options_.position("method"),
                                 "method '" + options_.text("method") + "' knows no hierarchy",
                                 "leave 'method' out for cumulative, or 'hierarchy'");
  if (options_.node("hierarchy").is_mapping())
    plan_tree(options_.object("hierarchy"));
  else
    plan_.hierarchy = input_columns(context_, receiver_dataset_, options_.columns("hierarchy"),
                                    options_.position("hierarchy"));
}

void AllocationPlanner::plan_tree(const Options& tree) {
  const std::string dataset = input_name(tree.node());
  const Column* place =
      input_column(context_, receiver_dataset_, tree.text("place"), tree.position("place"));
  const Column* key = input_column(context_, dataset, tree.text("key"), tree.position("key"));
  const Column* parent =
      input_column(context_, dataset, tree.text("parent"), tree.position("parent"));
  if (place == nullptr || key == nullptr || parent == nullptr) return;
  for (const auto& [column, option] : {std::pair{place, "place"}, {parent, "parent"}})
    if (!are_comparable(column->type, key->type))
      context_.diagnostics().error(tree.position(option),
                                   "'" + column->name + "' is " + column->type.name() + " and '" +
                                       key->name + "' is " + key->type.name(),
                                   "cast one of them in a cleanse before");
  plan_.tree = {
      .relation = context_.relation(dataset), .receiver = *place, .key = *key, .parent = *parent};
}

void AllocationPlanner::plan_policies() {
  const std::string zero = options_.text("zero_driver");
  const std::string negative = options_.text("negative_driver");
  const std::string missing = options_.text("missing_driver");
  plan_.zero_driver = zero == "even"       ? books::ZeroDriver::even
                      : zero == "park"     ? books::ZeroDriver::park
                      : zero == "previous" ? books::ZeroDriver::previous
                                           : books::ZeroDriver::fail;
  plan_.negative_driver = negative == "zero"   ? books::NegativeDriver::zero
                          : negative == "park" ? books::NegativeDriver::park
                                               : books::NegativeDriver::fail;
  plan_.missing_driver = missing == "zero"   ? books::MissingDriver::zero
                         : missing == "park" ? books::MissingDriver::park
                                             : books::MissingDriver::fail;
  plan_.no_receivers =
      options_.text("no_receivers") == "park" ? books::NoReceivers::park : books::NoReceivers::fail;
}

/// Parts of an earlier period have both keys and an amount like these. The job's own are planned
/// right here, so there is nothing to compare.
void AllocationPlanner::plan_previous() {
  if (!options_.has("previous")) return;
  const Options previous = options_.object("previous");
  if (previous.text("dataset") == options_.text("into")) return;
  const std::string dataset = input_name(previous.node());
  const Schema& schema = context_.schema(dataset);
  std::vector<Column> wanted = plan_.receiver_key;
  for (const Column& column : plan_.carry)
    if (std::find(plan_.pool_key.begin(), plan_.pool_key.end(), column.name) !=
        plan_.pool_key.end())
      wanted.push_back(column);
  wanted.push_back({.name = "amount", .type = plan_.amount.type});
  for (const Column& column : wanted) {
    const Column* found = schema.find(column.name);
    if (found == nullptr || !are_comparable(found->type, column.type))
      context_.diagnostics().error(previous.position("dataset"),
                                   "dataset '" + dataset + "' has no column '" + column.name +
                                       "' of type " + column.type.name() + ", as earlier parts do");
  }
}

void AllocationPlanner::check_names() const {
  std::set<std::string> seen = taken_names();
  const auto take = [&](const std::vector<Column>& columns, const SourcePosition& where) {
    for (const Column& column : columns)
      if (!seen.insert(column.name).second)
        context_.diagnostics().error(
            where, "two columns of the result would be named '" + column.name + "'",
            "rename one of them with a 'derive' step before");
  };
  take(plan_.carry, options_.position("carry"));
  take(plan_.receiver_key, receivers_.position("key"));
}

std::map<std::string, Schema> AllocationPlanner::schemas() const {
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
  return {{options_.text("into"), with(part, key)},
          {job_ + ".parked", with({amount, text("reason")}, plan_.pool_key)},
          {job_ + ".residual", with({amount, text("reason")}, plan_.pool_key)},
          {job_ + ".trace",
           with({amount, text("outcome"), text("reason"), integer("receivers"),
                 integer("without_driver"), integer("negative_driver"), text("driver"),
                 text("driver_total"), text("method"), text("rule"), text("rule_version")},
                plan_.pool_key)}};
}

}  // namespace

PlannedAllocation plan_allocation(JobContext& context, const Options& options,
                                  const std::string& job) {
  return AllocationPlanner(context, options, job).plan();
}

}  // namespace tallymill
