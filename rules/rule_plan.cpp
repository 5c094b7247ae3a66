#include "rules/rule_plan.h"

#include <algorithm>
#include <set>

namespace tallymill {
namespace {

constexpr std::size_t kBatchRules = 16;
constexpr std::size_t kBatchColumns = 40;
/// Of all texts that get numbers; each Lua state holds them all, beside what rules may use.
constexpr std::int64_t kTextBytes = 8LL << 20;

/// Columns a rule reads, by index.
std::set<std::size_t> columns_of(const RulePlan& plan, const PlanRule& rule) {
  std::set<std::size_t> columns;
  for (const RuleNeed& need : rule.rule->info.needs)
    for (std::size_t i = 0; i < plan.columns.size(); ++i)
      if (plan.columns[i].name == need.column) columns.insert(i);
  columns.insert(rule.lookups.begin(), rule.lookups.end());
  return columns;
}

/// The word Lua knows a type by: an enum is a text there, precision and scale stand apart.
std::string lua_kind(const Type& type) {
  if (type.kind == TypeKind::enumeration) return "text";
  const std::string name = type.name();
  return name.substr(0, name.find('('));
}

json::object type_spec(const std::string& name, const Type& type) {
  return {{"name", name},
          {"kind", lua_kind(type)},
          {"scale", type.scale},
          {"precision", type.precision}};
}

json::object rule_spec(const PlanRule& rule, std::size_t index) {
  json::array outputs;
  for (const Column& column : rule.outputs) outputs.push_back(type_spec(column.name, column.type));
  json::object types;
  for (const auto& [name, type] : rule.types) types.emplace(name, type_spec(name, type));
  json::object tables;
  for (const ParamLookup& lookup : rule.rule->info.lookups)
    if (!lookup.otherwise) tables.emplace(lookup.param, lookup.table->file());
  json::object spec{{"name", rule.rule->source.key()},
                    {"tables", std::move(tables)},
                    {"file", rule.rule->info.file},
                    {"line", rule.rule->function_line},
                    {"index", index},
                    {"params", rule.params},
                    {"param_types", types},
                    {"outputs", outputs}};
  if (!rule.rule->allowed.empty()) {
    json::array allowed;
    for (const std::string& name : rule.rule->allowed) allowed.push_back(json::string(name));
    spec["allowed"] = allowed;
  }
  if (rule.rule->many) spec["many"] = true;
  return spec;
}

json::array feeds_spec(const PlanColumn& column, const PlanBatch& batch) {
  json::array feeds;
  for (const PlanColumn::Feed& feed : column.feeds)
    if (feed.rule >= batch.first_rule && feed.rule < batch.first_rule + batch.rules)
      feeds.push_back({{"rule", feed.rule - batch.first_rule + 1}, {"param", feed.param}});
  return feeds;
}

}  // namespace

void RulePlan::finish() {
  const auto texts = std::count_if(columns.begin(), columns.end(),
                                   [](const PlanColumn& column) { return is_text(column.type); });
  std::size_t argument = 0;
  for (PlanColumn& column : columns) {
    column.argument = argument++;
    if (!is_text(column.type)) continue;
    ++argument;
    column.codes = std::make_shared<TextCodes>(kChunkRows, kTextBytes / texts);
  }
  cut_batches();
}

std::size_t RulePlan::arguments() const {
  if (columns.empty()) return 0;
  return columns.back().argument + (is_text(columns.back().type) ? 2 : 1);
}

std::vector<Type> RulePlan::argument_types() const {
  std::vector<Type> types;
  for (const PlanColumn& column : columns) {
    if (is_text(column.type)) types.push_back(Type::integer());
    types.push_back(is_text(column.type) ? Type::text() : column.type);
  }
  if (has_provenance) {
    types.push_back(Type::text());
    types.push_back(Type::integer());
  }
  return types;
}

void RulePlan::cut_batches() {
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::set<std::size_t> own = columns_of(*this, rules[i]);
    std::set<std::size_t> joined = taken;
    joined.insert(own.begin(), own.end());
    const bool fits =
        !batches.empty() && batches.back().rules < kBatchRules && joined.size() <= kBatchColumns;
    if (!fits) batches.push_back({i, 0, {}});
    taken = fits ? joined : own;
    ++batches.back().rules;
    batches.back().columns.assign(taken.begin(), taken.end());
  }
}

json::object RulePlan::batch_spec(const PlanBatch& batch, LuaMode mode,
                                  std::uintptr_t context) const {
  json::array column_specs;
  for (std::size_t index : batch.columns) {
    const PlanColumn& column = columns[index];
    json::object spec = type_spec(column.name, column.type);
    spec["masked"] = column.sensitive;
    spec["optional"] = column.optional;
    if (column.lookup) spec["feeds"] = feeds_spec(column, batch);
    column_specs.push_back(std::move(spec));
  }
  json::array rule_specs;
  for (std::size_t i = 0; i < batch.rules; ++i)
    rule_specs.push_back(rule_spec(rules[batch.first_rule + i], batch.first_rule + i));
  return {{"kind", to_string(kind)},
          {"function", shape_of(kind).function},
          {"compiled", mode == LuaMode::compiled},
          {"context", static_cast<std::uint64_t>(context)},
          {"columns", std::move(column_specs)},
          {"rules", std::move(rule_specs)}};
}

std::vector<Column> rule_outputs(const LoadedRule& rule) {
  const auto text = [](const char* name) { return Column{.name = name, .type = Type::text()}; };
  switch (rule.info.kind) {
    case RuleKind::transform:
      return rule.info.returns;
    case RuleKind::classify:
    case RuleKind::driver:
    case RuleKind::threshold:
      return decision_outputs(rule.info.kind);
    case RuleKind::score:
      return {{.name = "score", .type = rule.points}, text("reasons")};
    case RuleKind::match:
      return {text("accepted_as")};
    case RuleKind::break_cause:
      return {text("cause")};
    default:
      return {};
  }
}

std::string rule_title(const RuleSource& source) {
  return "rule '" + source.name + "' (" + source.file + ")";
}

}  // namespace tallymill
