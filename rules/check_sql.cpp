#include "rules/check_sql.h"

#include <algorithm>

#include "core/text.h"
#include "rules/check_verdicts.h"

namespace tallymill {
namespace {

std::string all_of(const std::vector<std::string>& conditions) {
  std::vector<std::string> enclosed;
  for (const std::string& condition : conditions) enclosed.push_back("(" + condition + ")");
  return enclosed.empty() ? "true" : join(enclosed, " and ");
}

/// Empty where there is none.
std::string where_of(const std::vector<std::string>& conditions) {
  return conditions.empty() ? std::string() : all_of(conditions);
}

std::string tuple(const std::vector<std::string>& values) {
  return values.size() == 1 ? values[0] : "(" + join(values, ", ") + ")";
}

std::vector<std::string> split_at(std::string_view text, std::string_view mark) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + mark.size());
  }
  parts.emplace_back(text);
  return parts;
}

std::string not_null(const std::vector<std::string>& columns) {
  std::vector<std::string> conditions;
  for (const std::string& column : columns) conditions.push_back(column + " is not null");
  return join(conditions, " and ");
}

/// Names of our own columns hold a ':', so they never hide one of the dataset.
std::string bits_column(std::size_t call, std::size_t word) {
  return quote_identifier("tm:bits" + std::to_string(call) + "_" + std::to_string(word));
}

bool is_rule(const PlannedCheck& check) {
  return std::holds_alternative<RuleFinding>(check.plan.fails);
}

std::string has_bits(const PlannedCheck& check, std::int64_t bits) {
  const std::int64_t mask = bits << (check.rule_slot % kRulesPerWord * kBitsPerRule);
  return bits_column(check.rule_call, check.rule_slot / kRulesPerWord) + " & " +
         std::to_string(mask) + " <> 0";
}

}  // namespace

CheckSql::CheckSql(const PlannedSuite& suite, std::string relation, Lookups lookups)
    : suite_(suite),
      relation_(std::move(relation)),
      lookups_(std::move(lookups)),
      tables_(suite.checks.size()) {
  item("count(*)");
  for (std::size_t i = 0; i < suite.checks.size(); ++i) {
    const auto& fails = suite.checks[i].plan.fails;
    if (const auto* missing = std::get_if<MissingReference>(&fails)) plan_lookup(i, *missing);
    if (const auto* key = std::get_if<RepeatedKey>(&fails)) plan_grouping(i, *key);
    if (const auto* keys = std::get_if<FailingKeys>(&fails)) plan_grouping(i, *keys);
    if (suite.checks[i].plan.pass) plan_pass(i);
    slots_.push_back(plan_slots(i));
  }
}

std::size_t CheckSql::item(const std::string& sql) {
  const auto [known, is_new] = item_of_.try_emplace(sql, items_.size());
  if (is_new) items_.push_back(sql);
  return known->second;
}

std::size_t CheckSql::count_item(const std::vector<std::string>& conditions) {
  return item(conditions.empty() ? "count(*)" : "count_if(" + all_of(conditions) + ")");
}

void CheckSql::plan_lookup(std::size_t check, const MissingReference& missing) {
  if (lookups_.contains(check)) return;
  tables_[check] = "tm_lookup_" + std::to_string(check);
  preparations_.push_back("create temp table " + tables_[check] + " as select distinct " +
                          as_keys(missing.references) + " from " + missing.relation + " where " +
                          not_null(missing.references));
}

void CheckSql::plan_grouping(std::size_t check, const RepeatedKey& key) {
  const PlannedCheck& planned = suite_.checks[check];
  const std::vector<std::string> columns = quoted(key.columns);
  const auto select = [head = "select " + as_keys(columns) + ", count(*) as n from " + relation_ +
                              " where " + all_of(applies(planned)) + " and ",
                       tail = " group by " + join(columns, ", ") + " having count(*) > 1"](
                          const std::string& condition) { return head + condition + tail; };
  add_grouping(check, {.table = {},
                       .select = select,
                       .count = "count(*), coalesce(sum(n), 0), 0, 0",
                       .repeats = Grouping::Repeats{.columns = key.columns,
                                                    .nulls_are_values = key.nulls_are_values,
                                                    .where = where_of(row_conditions(planned))}});
}

/// Stands behind FROM: the rows the check applies to.
std::string CheckSql::rows_of(const PlannedCheck& check) const {
  return "(select * from " + relation_ + " where " + all_of(applies(check)) + ")";
}

void CheckSql::plan_pass(std::size_t check) {
  const std::string select = suite_.checks[check].plan.pass(rows_of(suite_.checks[check]));
  const auto known = std::find_if(passes_.begin(), passes_.end(),
                                  [&](const Pass& pass) { return pass.select == select; });
  if (known == passes_.end())
    passes_.push_back({select, {check}});
  else
    known->checks.push_back(check);
}

void CheckSql::plan_grouping(std::size_t check, const FailingKeys& keys) {
  const PlannedCheck& planned = suite_.checks[check];
  const auto select = [keys = keys.select, head = "(select * from " + relation_ + " where " +
                                                  all_of(applies(planned)) + " and "](
                          const std::string& condition) { return keys(head + condition + ")"); };
  Grouping grouping{.table = {},
                    .select = select,
                    .count =
                        "count_if(fails and n > 0), coalesce(sum(n) filter (where fails), 0), "
                        "coalesce(sum(n) filter (where fails is null), 0), "};
  grouping.count += keys.only_there ? "coalesce(sum(missing), 0)" : "0";
  if (keys.spares_single_rows)
    grouping.repeats =
        Grouping::Repeats{.columns = keys.columns,
                          .where = where_of(row_conditions(planned)),
                          .incomplete = "not (" + not_null(quoted(keys.columns)) + ")"};
  add_grouping(check, std::move(grouping));
}

/// `grouping.count`: its expressions.
void CheckSql::add_grouping(std::size_t check, Grouping grouping) {
  const auto [known, is_new] = grouping_of_.try_emplace(grouping.select("true"), groupings_.size());
  tables_[check] = "tm_keys_" + std::to_string(known->second);
  if (is_new) {
    grouping.table = tables_[check];
    grouping.count = "select " + grouping.count + " from " + grouping.table;
    groupings_.push_back(std::move(grouping));
  }
  groupings_[known->second].checks.push_back(check);
}

/// The conditions of applies() besides nulls in columns it needs.
std::vector<std::string> CheckSql::row_conditions(const PlannedCheck& check) {
  std::vector<std::string> conditions;
  if (!check.where.empty()) conditions.push_back(check.where);
  if (!check.plan.applies.empty()) conditions.push_back(check.plan.applies);
  return conditions;
}

/// Conditions under which the check can judge a row; a rule says the rest itself.
std::vector<std::string> CheckSql::applies(const PlannedCheck& check) const {
  std::vector<std::string> conditions;
  if (!check.where.empty()) conditions.push_back(check.where);
  if (!check.plan.needs.empty()) conditions.push_back(not_null(quoted(check.plan.needs)));
  if (!check.plan.applies.empty()) conditions.push_back(check.plan.applies);
  return conditions;
}

CheckSql::Slots CheckSql::plan_slots(std::size_t index) {
  const PlannedCheck& check = suite_.checks[index];
  const auto& fails_by = check.plan.fails;
  Slots slots;
  std::vector<std::string> conditions = applies(check);
  if (is_rule(check)) conditions.push_back("not (" + has_bits(check, kRuleNotApplicable) + ")");
  const bool is_one_need = conditions.size() == 1 && check.plan.needs.size() == 1;
  slots.checked = is_one_need ? item("count(" + quote_identifier(check.plan.needs[0]) + ")")
                              : count_item(conditions);
  if (!std::holds_alternative<WholeDataset>(fails_by) &&
      !std::holds_alternative<RepeatedKey>(fails_by) &&
      !std::holds_alternative<FailingKeys>(fails_by))
    slots.failed = count_item({fails(index)});
  if (is_rule(check)) {
    slots.warned = count_item({warns(index)});
    slots.raised = count_item({raises(index)});
  }
  const std::string filter = check.where.empty() ? "" : " filter (where " + check.where + ")";
  for (const CheckAggregate& aggregate : check.plan.aggregates) {
    const bool is_whole = aggregate.function.empty();
    slots.aggregates.push_back(
        item(is_whole ? join(split_at(aggregate.argument, kFilter), filter)
                      : aggregate.function + "(" + aggregate.argument + ")" + filter));
  }
  for (const std::string& outside : check.plan.outside)
    slots.outside.push_back(item("(" + outside + ")"));
  return slots;
}

std::string CheckSql::measure() const {
  return "select " + join(items_, ", ") + " from " +
         source(std::vector<bool>(suite_.rule_calls.size(), true));
}

std::string CheckSql::measure(std::size_t check) const {
  const Slots& slots = slots_[check];
  std::vector<std::size_t> asked{slots.checked};
  for (const auto& slot : {slots.failed, slots.warned, slots.raised})
    if (slot) asked.push_back(*slot);
  asked.insert(asked.end(), slots.aggregates.begin(), slots.aggregates.end());
  asked.insert(asked.end(), slots.outside.begin(), slots.outside.end());
  std::vector<std::string> items;
  for (const std::size_t slot : asked) items.push_back(items_[slot]);
  return "select " + join(items, ", ") + " from " +
         source(std::vector<bool>(suite_.rule_calls.size(), true));
}

std::vector<CheckMeasures> CheckSql::read(const Rows& measured) const {
  const auto count = [&](std::optional<std::size_t> slot) {
    return slot ? measured.integer(0, *slot) : 0;
  };
  std::vector<CheckMeasures> all;
  for (const Slots& slots : slots_) {
    CheckMeasures& measures = all.emplace_back();
    measures.rows = measured.integer(0, 0);
    measures.rows_checked = count(slots.checked);
    measures.rows_failed = count(slots.failed);
    measures.rows_warned = count(slots.warned);
    measures.rule_errors = count(slots.raised);
    for (std::size_t slot : slots.aggregates)
      measures.aggregates.push_back(measured.cells[0][slot]);
    for (std::size_t slot : slots.outside) measures.outside.push_back(measured.cells[0][slot]);
  }
  return all;
}

std::string CheckSql::has_key(const std::vector<std::string>& names, bool nulls_are_values,
                              const std::string& table) const {
  const std::vector<std::string> columns = quoted(names);
  const std::vector<std::string> keys = key_names(columns.size());
  if (!nulls_are_values)
    return tuple(columns) + " in (select " + join(keys, ", ") + " from " + table + ")";
  // Only keys may come from the table: its other names would hide columns of the dataset.
  std::vector<std::string> equal;
  for (std::size_t i = 0; i < keys.size(); ++i)
    equal.push_back(keys[i] + " is not distinct from " + columns[i]);
  return "exists (select 1 from (select " + join(keys, ", ") + " from " + table + ") where " +
         join(equal, " and ") + ")";
}

std::string CheckSql::fails(std::size_t index) const {
  const PlannedCheck& check = suite_.checks[index];
  std::vector<std::string> conditions = applies(check);
  if (const auto* row = std::get_if<RowCondition>(&check.plan.fails)) {
    // A null in a needed column makes the condition null, which is not failed.
    conditions = {row->fails};
    if (!check.where.empty()) conditions.insert(conditions.begin(), check.where);
  } else if (const auto* missing = std::get_if<MissingReference>(&check.plan.fails)) {
    if (const auto lookup = lookups_.find(index); lookup != lookups_.end()) {
      conditions = row_conditions(check);  // null is not missing
      conditions.push_back(lookup->second + "(" + missing->values[0] + ")");
    } else {
      conditions.push_back(tuple(missing->values) + " not in (select " +
                           join(key_names(missing->values.size()), ", ") + " from " +
                           tables_[index] + ")");
    }
  } else if (const auto lookup = key_lookups_.find(tables_[index]); lookup != key_lookups_.end()) {
    conditions = row_conditions(check);
    conditions.push_back(lookup->second);
  } else if (const auto* key = std::get_if<RepeatedKey>(&check.plan.fails)) {
    conditions.push_back(has_key(key->columns, key->nulls_are_values, tables_[index]));
  } else if (const auto* keys = std::get_if<FailingKeys>(&check.plan.fails)) {
    const auto is_needed = [&](const std::string& column) {
      return std::count(check.plan.needs.begin(), check.plan.needs.end(), column) > 0;
    };
    const bool has_nulls = !std::all_of(keys->columns.begin(), keys->columns.end(), is_needed);
    // A key that is only elsewhere is null here, as a key of nulls would be.
    const std::string of_rows = keys->only_there ? " and n > 0" : "";
    conditions.push_back(
        has_key(keys->columns, has_nulls, tables_[index] + " where fails" + of_rows));
  } else if (is_rule(check)) {
    conditions.push_back(has_bits(check, kRuleFailed | kRuleRaised));
  } else {
    return "false";
  }
  return all_of(conditions);
}

std::string CheckSql::warns(std::size_t index) const {
  const PlannedCheck& check = suite_.checks[index];
  if (!is_rule(check)) return "false";
  std::vector<std::string> conditions = applies(check);
  conditions.push_back(has_bits(check, kRuleWarned));
  conditions.push_back("not (" + has_bits(check, kRuleFailed | kRuleRaised) + ")");
  return all_of(conditions);
}

std::string CheckSql::raises(std::size_t index) const {
  const PlannedCheck& check = suite_.checks[index];
  if (!is_rule(check)) return "false";
  std::vector<std::string> conditions = applies(check);
  conditions.push_back(has_bits(check, kRuleRaised));
  return all_of(conditions);
}

std::string CheckSql::amounts(std::size_t index) const {
  const PlannedCheck& check = suite_.checks[index];
  const std::string column = quote_identifier(check.amount->column);
  // BIGINT has a smallest value without a positive counterpart.
  const std::string amount = check.amount->scale == 0 ? column + "::HUGEINT" : column;
  const std::string sum = "coalesce(sum(abs(" + amount + ")) filter (where ";
  const std::vector<bool> calls(suite_.rule_calls.size(), is_rule(check));
  return "select " + sum + fails(index) + "), 0), " + sum + all_of(applies(check)) +
         "), 0), count_if((" + fails(index) + ") and " + column + " is null) from " + source(calls);
}

std::string CheckSql::source(const std::vector<bool>& calls) const {
  std::string verdicts;
  std::string bits;
  for (std::size_t call = 0; call < calls.size(); ++call) {
    if (!calls[call]) continue;
    verdicts += ", " + suite_.rule_calls[call] + " as " + verdicts_column(call);
    std::size_t words = 0;
    for (const PlannedCheck& check : suite_.checks)
      if (is_rule(check) && check.rule_call == call)
        words = std::max(words, check.rule_slot / kRulesPerWord + 1);
    for (std::size_t word = 0; word < words; ++word)
      bits += ", " + verdict_bits(verdicts_column(call), word) + " as " + bits_column(call, word);
  }
  if (verdicts.empty()) return relation_;
  return "(select *" + bits + " from (select *" + verdicts + " from " + relation_ + "))";
}

std::string CheckSql::verdicts_column(std::size_t call) {
  return quote_identifier("tm:verdicts" + std::to_string(call));
}

}  // namespace tallymill
