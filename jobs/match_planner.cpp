#include "jobs/match_planner.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/compared_columns.h"
#include "jobs/dataset_input.h"
#include "jobs/input_keys.h"
#include "jobs/reconcile_currency.h"
#include "jobs/scaled_amount.h"
#include "jobs/step_values.h"
#include "rules/check_columns.h"

namespace tallymill {
namespace {

using books::Aggregate;
using books::MatchSide;

class MatchPlanner {
 public:
  MatchPlanner(JobContext& context, const Options& options, std::string job)
      : context_(context), options_(options), job_(std::move(job)) {}

  PlannedMatch plan();

 private:
  MatchSide plan_side(const std::string& which, std::vector<Column>& key);
  void plan_dataset(const SideOptions& side, const std::string& dataset, MatchSide& planned,
                    std::vector<Column>& key);
  void plan_key(const SideOptions& side, const std::string& dataset, const MatchSide& planned,
                std::vector<Column>& key);
  void plan_side_amount(const SideOptions& side, const std::string& dataset, MatchSide& planned);
  const Column* find(const std::string& dataset, const std::string& name,
                     const SourcePosition& where);
  void compare_keys(const std::vector<Column>& right);
  void plan_amount();
  void plan_compared();
  void plan_policies();
  Schema break_schema() const;

  JobContext& context_;
  Options options_;
  std::string job_;
  books::MatchPlan plan_;
  std::vector<Type> amounts_;  ///< of all datasets
  bool tells_currencies_ = false;
};

PlannedMatch MatchPlanner::plan() {
  std::vector<Column> right_key;
  tells_currencies_ = plan_currencies(context_, options_);
  plan_.left = plan_side("left", plan_.key);
  plan_.right = plan_side("right", right_key);
  compare_keys(right_key);
  plan_amount();
  if (tells_currencies_ && !plan_.key.empty()) {
    plan_.currency = plan_.key.size() - 1;
    plan_.pairs_currencies = true;
    plan_.key.back().name = kCurrencyColumn;
    plan_.minor_units = read_minor_units(context_, options_, plan_.amount.scale);
  }
  plan_.tolerance = read_tolerance(context_, options_.object("tolerance"), plan_.amount.scale);
  plan_compared();
  plan_policies();
  plan_.id_prefix = id_prefix_of(context_, job_);
  return {plan_, break_schema()};
}

MatchSide MatchPlanner::plan_side(const std::string& which, std::vector<Column>& key) {
  const SideOptions side{options_.object(which)};
  const std::string aggregate = side.options.text("aggregate");
  MatchSide planned;
  planned.name = which + " side (" + join(side.datasets(), ", ") + ")";
  planned.key = side.options.columns("key");
  // A grand total is a sum, whether it says so or not.
  if (aggregate == "sum" || (aggregate.empty() && planned.key.empty()))
    planned.aggregate = Aggregate::sum;
  if (aggregate == "count") {
    planned.aggregate = Aggregate::count;
    amounts_.push_back(Type::integer());
  } else if (!side.options.has("amount") && options_.has("compare") &&
             planned.aggregate == Aggregate::none) {
    // Without an amount each row counts as one.
    planned.amount = "CAST(1 AS BIGINT)";
    amounts_.push_back(Type::integer());
  } else if (!side.options.has("amount")) {
    context_.diagnostics().error(side.options.node().position(),
                                 "the " + which + " side has no 'amount'",
                                 "name the column to compare, or give aggregate: count");
  }
  if (tells_currencies_ && side.options.has("currency"))
    planned.key.push_back(side.options.text("currency"));
  for (const std::string& dataset : side.datasets()) plan_dataset(side, dataset, planned, key);
  return planned;
}

void MatchPlanner::plan_dataset(const SideOptions& side, const std::string& dataset,
                                MatchSide& planned, std::vector<Column>& key) {
  plan_key(side, dataset, planned, key);
  plan_side_amount(side, dataset, planned);
  planned.key_is_unique =
      planned.relations.empty() && (is_unique_by(context_, dataset, planned.key) ||
                                    is_unique_by(context_, dataset, side.options.columns("key")));
  planned.relations.push_back(side_relation(context_, side, dataset));
}

const Column* MatchPlanner::find(const std::string& dataset, const std::string& name,
                                 const SourcePosition& where) {
  const Schema& schema = context_.schema(dataset);
  if (const Column* column = schema.find(name)) return column;
  context_.diagnostics().error(where, "dataset '" + dataset + "' has no column '" + name + "'",
                               did_you_mean(name, schema.names()));
  return nullptr;
}

/// The first dataset of a side settles the types of its key, the others must agree.
void MatchPlanner::plan_key(const SideOptions& side, const std::string& dataset,
                            const MatchSide& planned, std::vector<Column>& key) {
  const SourcePosition where = side.options.position("key");
  const bool is_first = planned.relations.empty();
  for (std::size_t i = 0; i < planned.key.size(); ++i) {
    // plan_currencies() has looked at the currency.
    const bool is_currency = i == side.options.columns("key").size();
    const Column* column = is_currency ? context_.schema(dataset).find(planned.key[i])
                                       : find(dataset, planned.key[i], where);
    if (column == nullptr) continue;
    if (is_first)
      key.push_back(*column);
    else if (i < key.size() && !are_comparable(key[i].type, column->type))
      context_.diagnostics().error(where, "key '" + column->name + "' is " + column->type.name() +
                                              " in '" + dataset + "' and " + key[i].type.name() +
                                              " elsewhere");
  }
}

void MatchPlanner::plan_side_amount(const SideOptions& side, const std::string& dataset,
                                    MatchSide& planned) {
  if (!side.options.has("amount") || planned.aggregate == Aggregate::count) return;
  const SourcePosition where = side.options.position("amount");
  const Column* column = find(dataset, side.options.text("amount"), where);
  if (column == nullptr) return;
  const ScaledAmount scaled =
      scale_amount(context_, side.options, quote_identifier(column->name), column->type);
  planned.amount = scaled.sql;
  amounts_.push_back(scaled.type);
  if (!column->type.is_summable())
    context_.diagnostics().error(where, "column '" + column->name + "' is " + column->type.name() +
                                            "; an amount is money, integer or decimal");
}

void MatchPlanner::compare_keys(const std::vector<Column>& right) {
  const SourcePosition where = options_.object("right").position("key");
  const std::size_t left_size = options_.object("left").columns("key").size();
  const std::size_t right_size = options_.object("right").columns("key").size();
  if (left_size != right_size) {
    context_.diagnostics().error(where,
                                 "the left key has " + std::to_string(left_size) +
                                     " columns and the right one " + std::to_string(right_size),
                                 "keys are compared column by column, in order");
    return;
  }
  for (std::size_t i = 0; i < plan_.key.size() && i < right.size(); ++i) {
    if (right[i].sensitive) plan_.key[i].sensitive = true;
    if (plan_.key[i].type.sql() != right[i].type.sql()) plan_.has_same_key_types = false;
    if (!are_comparable(plan_.key[i].type, right[i].type))
      context_.diagnostics().error(where, "key '" + plan_.key[i].name + "' is " +
                                              plan_.key[i].type.name() + " on the left and '" +
                                              right[i].name + "' " + right[i].type.name() +
                                              " on the right");
  }
}

/// The narrowest type that holds both sides.
void MatchPlanner::plan_amount() {
  plan_.amount = amounts_.empty() ? Type::integer() : amounts_.front();
  for (const Type& type : amounts_) plan_.amount = common_amount(plan_.amount, type);
  plan_.has_plain_amounts = std::all_of(amounts_.begin(), amounts_.end(),
                                        [&](const Type& type) { return type == plan_.amount; });
}

void MatchPlanner::plan_compared() {
  const SideOptions left{options_.object("left")};
  const SideOptions right{options_.object("right")};
  for (const ComparedPair& pair : read_compared_columns(context_, options_, left.datasets().front(),
                                                        right.datasets().front())) {
    plan_.compared.push_back(pair.column);
    plan_.left.compared.push_back(pair.left);
    plan_.right.compared.push_back(pair.right);
  }
  if (plan_.compared.empty()) return;
  for (const auto& [side, which] : {std::pair{&plan_.left, "left"}, {&plan_.right, "right"}})
    if (side->aggregate != Aggregate::none)
      context_.diagnostics().error(options_.position("compare"),
                                   "the rows of the " + std::string(which) +
                                       " side are added up, they have no columns to compare");
}

void MatchPlanner::plan_policies() {
  plan_.pairs_duplicates = options_.text("duplicates") == "pair";
  const std::string missing = options_.text("missing_key", "match");
  plan_.missing_key = missing == "match"  ? books::MissingKey::match
                      : missing == "fail" ? books::MissingKey::fail
                                          : books::MissingKey::open;
  // A tenth of the task's memory, as for the keys of datasets; half of what the engine has.
  if (const std::int64_t memory = context_.task().memory_bytes; memory > 0) {
    plan_.key_memory = memory / 10;
    plan_.join_memory = memory * 3 / 10;
  }
  if (plan_.pairs_duplicates && plan_.left.aggregate != Aggregate::none &&
      plan_.right.aggregate != Aggregate::none)
    context_.diagnostics().error(options_.position("duplicates"),
                                 "both sides are added up, no key comes twice");
}

Schema MatchPlanner::break_schema() const {
  const auto repeated = [&](const std::string& name) {
    context_.diagnostics().error(
        options_.object("left").position("key"),
        "a key cannot be named '" + name + "', breaks have a column of that name");
  };
  Schema schema = begin_breaks(plan_.key, plan_.amount, repeated);
  const auto add = [&](const char* name, Type type) {
    if (schema.find(name) != nullptr) repeated(name);
    schema.columns.push_back({.name = name, .type = std::move(type)});
  };
  if (plan_.pairs_currencies) add("right_currency", Type::text());
  for (const books::ComparedColumn& column : plan_.compared) {
    if (schema.find("left_" + column.name) != nullptr)
      context_.diagnostics().error(options_.position("compare"),
                                   "'" + column.name + "' is compared already");
    else
      for (const char* side : {"left_", "right_"})
        schema.columns.push_back(
            {.name = side + column.name, .type = column.type, .sensitive = column.is_sensitive});
  }
  for (const char* name : {"nearest_candidate", "failed_predicate", "distance"})
    add(name, Type::text());
  return schema;
}

}  // namespace

std::vector<std::string> SideOptions::datasets() const {
  return options.has("dataset") ? std::vector{input_name(options.node())}
                                : options.texts("datasets");
}

SourcePosition SideOptions::where() const {
  return options.position(options.has("dataset") ? "dataset" : "datasets");
}

std::string side_relation(JobContext& context, const SideOptions& side,
                          const std::string& dataset) {
  std::string whole = context.relation(dataset);
  if (!side.options.has("where")) return whole;
  const std::string where = side.options.text("where");
  const Type boolean = Type::boolean();
  const SourcePosition position = side.options.position("where");
  context.expression_type(where, whole, &boolean, position);
  return "(SELECT * FROM " + whole + " WHERE (" + context.bind_parameters(where, position) + "\n))";
}

std::string united(const std::vector<std::string>& relations) {
  std::vector<std::string> selects;
  for (const std::string& relation : relations) selects.push_back("SELECT * FROM " + relation);
  return "(" + join(selects, " UNION ALL BY NAME ") + ")";
}

std::string id_prefix_of(JobContext& context, const std::string& job) {
  const Task& task = context.task();
  return task.graph + "/" + job + (task.partition.empty() ? "" : "/" + task.partition);
}

Schema begin_breaks(const std::vector<Column>& key, const Type& amount,
                    const std::function<void(const std::string& name)>& on_repeated) {
  Schema schema{.columns = {{.name = "break_id", .type = Type::text()}}, .key = {"break_id"}};
  for (Column column : key) {
    column.required = false;
    if (schema.find(column.name) != nullptr) on_repeated(column.name);
    schema.columns.push_back(std::move(column));
  }
  const std::vector<Column> others{{.name = "left_amount", .type = amount},
                                   {.name = "right_amount", .type = amount},
                                   {.name = "difference", .type = amount},
                                   {.name = "class", .type = Type::text()},
                                   {.name = "tolerance", .type = amount},
                                   {.name = "left_rows", .type = Type::integer()},
                                   {.name = "right_rows", .type = Type::integer()}};
  for (const Column& column : others) {
    if (schema.find(column.name) != nullptr) on_repeated(column.name);
    schema.columns.push_back(column);
  }
  return schema;
}

PlannedMatch plan_match(JobContext& context, const Options& options, const std::string& job) {
  return MatchPlanner(context, options, job).plan();
}

}  // namespace tallymill
