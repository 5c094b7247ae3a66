#include "jobs/match_planner.h"

#include <algorithm>

#include "core/text.h"
#include "jobs/dataset_input.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

using books::Aggregate;
using books::MatchSide;

constexpr int kRatioScale = 9;

bool are_comparable(const Type& a, const Type& b) {
  const auto kind = [](const Type& type) {
    return type.kind == TypeKind::enumeration ? TypeKind::text : type.kind;
  };
  // Decimals of any scale compare by value.
  return kind(a) == kind(b) || (a.is_decimal() && b.is_decimal());
}

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
  void plan_side_amount(const SideOptions& side, const std::string& dataset,
                        const MatchSide& planned);
  std::string relation(const SideOptions& side, const std::string& dataset);
  const Column* find(const std::string& dataset, const std::string& name,
                     const SourcePosition& where);
  void compare_keys(const std::vector<Column>& right);
  void plan_amount();
  std::optional<Int128> tolerance(const char* key, int precision, int scale);
  void plan_tolerance();
  std::string plan_rule(const char* option, RuleKind kind, const Schema& breaks);
  Schema break_schema() const;

  JobContext& context_;
  Options options_;
  std::string job_;
  books::MatchPlan plan_;
  std::vector<Type> amounts_;  ///< of all datasets
};

PlannedMatch MatchPlanner::plan() {
  std::vector<Column> right_key;
  plan_.left = plan_side("left", plan_.key);
  plan_.right = plan_side("right", right_key);
  compare_keys(right_key);
  plan_amount();
  plan_tolerance();
  plan_.id_prefix = context_.task().graph + "/" + job_;
  if (const std::string& partition = context_.task().partition; !partition.empty())
    plan_.id_prefix += "/" + partition;
  PlannedMatch planned{plan_, break_schema()};
  const Schema found = planned.breaks;
  planned.accepted = plan_rule("accept", RuleKind::match, found);
  planned.cause = plan_rule("classify", RuleKind::break_cause, found);
  const auto add = [&](const char* name) {
    if (found.find(name) != nullptr)
      context_.diagnostics().error(
          options_.object("left").position("key"),
          "a key cannot be named '" + std::string(name) + "', breaks have a column of that name");
    planned.breaks.columns.push_back({.name = name, .type = Type::text()});
  };
  if (options_.has("accept")) add("accepted_as");
  if (options_.has("classify")) add("cause");
  return planned;
}

/// The call of a rule over the breaks found; empty where none is named or it does not fit.
std::string MatchPlanner::plan_rule(const char* option, RuleKind kind, const Schema& breaks) {
  if (!options_.has(option)) return {};
  const YamlNode node = options_.node(option);
  const Options given = node.is_mapping() ? Options(node) : Options(node, "rule");
  const SourcePosition where = given.position("rule");
  const std::string name = given.text("rule");
  const RuleInfo* rule = context_.rule(name, where);
  if (rule == nullptr) return {};
  if (rule->kind != kind) {
    context_.diagnostics().error(
        where, "rule '" + name + "' is a " + std::string(to_string(rule->kind)) + " rule",
        "'" + std::string(option) + "' takes a " + std::string(to_string(kind)) + " rule");
    return {};
  }
  const auto call = context_.rules().bind({name}, breaks, rule_params(context_, given, "params"),
                                          where, context_.diagnostics());
  return call ? call->expression : std::string();
}

MatchSide MatchPlanner::plan_side(const std::string& which, std::vector<Column>& key) {
  const SideOptions side{options_.object(which)};
  const std::string aggregate = side.options.text("aggregate");
  MatchSide planned;
  planned.name = which + " side (" + join(side.datasets(), ", ") + ")";
  planned.key = side.options.columns("key");
  planned.amount = side.options.text("amount");
  // A grand total is a sum, whether it says so or not.
  if (aggregate == "sum" || (aggregate.empty() && planned.key.empty()))
    planned.aggregate = Aggregate::sum;
  if (aggregate == "count") {
    planned.aggregate = Aggregate::count;
    amounts_.push_back(Type::integer());
  } else if (planned.amount.empty()) {
    context_.diagnostics().error(side.options.node().position(),
                                 "the " + which + " side has no 'amount'",
                                 "name the column to compare, or give aggregate: count");
  }
  for (const std::string& dataset : side.datasets()) plan_dataset(side, dataset, planned, key);
  return planned;
}

void MatchPlanner::plan_dataset(const SideOptions& side, const std::string& dataset,
                                MatchSide& planned, std::vector<Column>& key) {
  plan_key(side, dataset, planned, key);
  plan_side_amount(side, dataset, planned);
  const std::vector<std::string>& declared = context_.schema(dataset).key;
  planned.key_is_unique =
      planned.relations.empty() && !declared.empty() &&
      std::is_permutation(planned.key.begin(), planned.key.end(), declared.begin(), declared.end());
  planned.relations.push_back(relation(side, dataset));
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
    const Column* column = find(dataset, planned.key[i], where);
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
                                    const MatchSide& planned) {
  if (planned.amount.empty() || planned.aggregate == Aggregate::count) return;
  const SourcePosition where = side.options.position("amount");
  const Column* column = find(dataset, planned.amount, where);
  if (column == nullptr) return;
  amounts_.push_back(column->type);
  if (!column->type.is_summable())
    context_.diagnostics().error(where, "column '" + column->name + "' is " + column->type.name() +
                                            "; an amount is money, integer or decimal");
}

std::string MatchPlanner::relation(const SideOptions& side, const std::string& dataset) {
  std::string whole = context_.relation(dataset);
  if (!side.options.has("where")) return whole;
  const std::string where = side.options.text("where");
  const Type boolean = Type::boolean();
  const SourcePosition position = side.options.position("where");
  context_.expression_type(where, whole, &boolean, position);
  return "(SELECT * FROM " + whole + " WHERE (" + context_.bind_parameters(where, position) +
         "\n))";
}

void MatchPlanner::compare_keys(const std::vector<Column>& right) {
  const SourcePosition where = options_.object("right").position("key");
  if (plan_.left.key.size() != plan_.right.key.size()) {
    context_.diagnostics().error(where,
                                 "the left key has " + std::to_string(plan_.left.key.size()) +
                                     " columns and the right one " +
                                     std::to_string(plan_.right.key.size()),
                                 "keys are compared column by column, in order");
    return;
  }
  for (std::size_t i = 0; i < plan_.key.size() && i < right.size(); ++i) {
    if (right[i].sensitive) plan_.key[i].sensitive = true;
    if (!are_comparable(plan_.key[i].type, right[i].type))
      context_.diagnostics().error(where, "key '" + plan_.key[i].name + "' is " +
                                              plan_.key[i].type.name() + " on the left and '" +
                                              right[i].name + "' " + right[i].type.name() +
                                              " on the right");
  }
}

/// The narrowest type that holds both sides: money against money stays money.
void MatchPlanner::plan_amount() {
  plan_.amount = amounts_.empty() ? Type::integer() : amounts_.front();
  for (const Type& type : amounts_)
    if (!(type == plan_.amount))
      plan_.amount = Type::decimal(38, std::max(type.scale, plan_.amount.scale));
}

std::optional<Int128> MatchPlanner::tolerance(const char* key, int precision, int scale) {
  const Options options = options_.object("tolerance");
  if (!options.has(key)) return std::nullopt;
  const SourcePosition where = options.position(key);
  const auto text = value_text(context_, options.text(key), where);
  if (!text) return std::nullopt;
  const Parsed<Int128> value = parse_decimal(*text, precision, scale, true);
  if (value && value.value >= 0) return value.value;
  context_.diagnostics().error(where, "tolerance '" + *text +
                                          "' is no number of at least 0 with up to " +
                                          std::to_string(scale) + " fraction digits");
  return std::nullopt;
}

void MatchPlanner::plan_tolerance() {
  plan_.tolerance_abs = tolerance("abs", 38, plan_.amount.scale);
  const auto rel = tolerance("rel", 18, kRatioScale);
  if (!rel) return;
  plan_.tolerance_rel = static_cast<std::int64_t>(*rel);
  constexpr std::int64_t kWhole = 1'000'000'000;
  if (*rel > kWhole)
    context_.diagnostics().error(options_.object("tolerance").position("rel"),
                                 "a relative tolerance is a share from 0 to 1",
                                 "write 0.01 for one per cent");
}

Schema MatchPlanner::break_schema() const {
  Schema schema;
  const auto add = [&](const char* name, Type type) {
    if (schema.find(name) != nullptr)
      context_.diagnostics().error(
          options_.object("left").position("key"),
          "a key cannot be named '" + std::string(name) + "', breaks have a column of that name");
    schema.columns.push_back({.name = name, .type = std::move(type)});
  };
  add("break_id", Type::text());
  for (Column column : plan_.key) {
    column.required = false;
    schema.columns.push_back(std::move(column));
  }
  for (const char* name : {"left_amount", "right_amount", "difference"}) add(name, plan_.amount);
  add("class", Type::text());
  add("tolerance", plan_.amount);
  add("left_rows", Type::integer());
  add("right_rows", Type::integer());
  schema.key = {"break_id"};
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

PlannedMatch plan_match(JobContext& context, const Options& options, const std::string& job) {
  return MatchPlanner(context, options, job).plan();
}

}  // namespace tallymill
