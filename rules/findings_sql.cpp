#include "rules/findings_sql.h"

#include <algorithm>
#include <span>

#include "core/text.h"
#include "rules/check_verdicts.h"

namespace tallymill {
namespace {

constexpr const char* kFailingRows = "tm_failing_rows";

/// Up to so many failed checks, each has a SELECT of its own over the rows kept. Every SELECT binds
/// all the flags, one for each check: of more checks so many stand in one SELECT together.
constexpr std::size_t kGroupSize = 64;
const std::string kFinding = "\"tm:finding\"";

std::string fails_flag(std::size_t check) {
  return quote_identifier("tm:fails" + std::to_string(check));
}
std::string warns_flag(std::size_t check) {
  return quote_identifier("tm:warns" + std::to_string(check));
}

std::string found_column(std::size_t check) {
  return quote_identifier("tm:found" + std::to_string(check));
}

const RuleFinding* rule_of(const PlannedCheck& check) {
  return std::get_if<RuleFinding>(&check.plan.fails);
}

std::vector<bool> calls_of(const PlannedSuite& suite, const std::vector<bool>& checks) {
  std::vector<bool> calls(suite.rule_calls.size(), false);
  for (std::size_t i = 0; i < checks.size(); ++i)
    if (checks[i] && rule_of(suite.checks[i]) != nullptr) calls[suite.checks[i].rule_call] = true;
  return calls;
}

/// Business columns and provenance of a row.
std::vector<std::string> row_columns(const Schema& schema) {
  std::vector<std::string> columns;
  for (const Column& column : schema.columns) columns.push_back(quote_identifier(column.name));
  if (schema.has_provenance)
    for (std::string_view name : {kSourceColumn, kLineColumn})
      columns.push_back(quote_identifier(name));
  return columns;
}

/// SQL text of the value `cell` of a column as a message shows it.
std::string shown(const std::string& column, const std::string& cell, const Schema& schema) {
  const Column* known = schema.find(column);
  if (known == nullptr) return "'?'";
  if (known->sensitive) return quote_literal(kMaskedValue);
  const bool is_text = known->type.sql() == "VARCHAR";
  const std::string text = is_text ? "'''' || " + cell + " || ''''" : cell + "::VARCHAR";
  return "coalesce(" + text + ", 'null')";
}

std::string shown(const std::string& column, const Schema& schema) {
  return shown(column, quote_identifier(column), schema);
}

/// The parts joined as a tree: DuckDB's expressions and unions may not be deep.
std::string balanced(std::span<const std::string> parts, const std::string& word) {
  if (parts.size() == 1) return parts.front();
  const std::size_t half = parts.size() / 2;
  return "(" + balanced(parts.first(half), word) + word + balanced(parts.subspan(half), word) + ")";
}

std::string any_true(std::span<const std::string> conditions) {
  return conditions.empty() ? "false" : balanced(conditions, " or ");
}

}  // namespace

Schema findings_schema(const Schema& dataset) {
  Schema schema = dataset;
  schema.key.clear();
  // What only another dataset has lacks the columns that are not compared.
  for (Column& column : schema.columns) column.required = false;
  for (std::string_view name : {kCheckColumn, kSeverityColumn, kCodeColumn, kMessageColumn})
    schema.columns.push_back({std::string(name), Type::text(), true, false});
  return schema;
}

Schema check_rejects_schema(const Schema& dataset) {
  Schema schema = dataset;
  schema.key.clear();
  for (std::string_view name : kRejectColumns)
    schema.columns.push_back({std::string(name), Type::text(), true, false});
  return schema;
}

FindingsSql::FindingsSql(const CheckSql& sql, const Schema& schema, std::vector<bool> failed)
    : sql_(sql), schema_(schema), failed_(std::move(failed)) {}

std::string FindingsSql::keep() const {
  const std::vector<bool> calls = calls_of(sql_.suite(), failed_);
  std::string selected = join(row_columns(schema_), ", ");
  std::vector<std::string> any;
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    any.push_back(fails_flag(i));
    selected += ", coalesce(" + sql_.fails(i) + ", false) as " + fails_flag(i);
    if (rule_of(sql_.suite().checks[i]) == nullptr) continue;
    any.push_back(warns_flag(i));
    selected += ", coalesce(" + sql_.warns(i) + ", false) as " + warns_flag(i);
  }
  for (std::size_t call = 0; call < calls.size(); ++call)
    if (calls[call]) selected += ", " + CheckSql::verdicts_column(call);
  // Asked once and then filtered by: a condition that stood in both places would look up keys
  // twice.
  return "create temp table " + std::string(kFailingRows) + " as select * from (select " +
         selected + " from " + sql_.source(calls) + ") where " + any_true(any);
}

std::string FindingsSql::count() const {
  std::string counts;
  std::vector<std::string> errors;
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    const PlannedCheck& check = sql_.suite().checks[i];
    counts += ", count_if(" + fails_flag(i) + "), ";
    counts += rule_of(check) == nullptr ? "0" : "count_if(" + warns_flag(i) + ")";
    if (check.settings().severity == CheckSeverity::error) errors.push_back(fails_flag(i));
  }
  std::vector<std::string> rejects;
  for (std::size_t i : rejecting()) rejects.push_back(fails_flag(i));
  const std::string is_rejected = any_true(rejects);
  const std::string has_error = any_true(errors);
  return "select count(*), count_if(" + is_rejected + "), count_if((" + has_error + ") and not (" +
         is_rejected + "))" + counts + " from " + kFailingRows;
}

std::vector<std::size_t> FindingsSql::rejecting() const {
  std::vector<std::size_t> checks;
  for (std::size_t i = 0; i < failed_.size(); ++i)
    if (failed_[i] && sql_.suite().checks[i].settings().rejects()) checks.push_back(i);
  return checks;
}

std::string FindingsSql::rejects() const {
  std::string reason = "case";
  std::string reasons = "concat_ws(';'";
  std::string rule = "case";
  std::string text = "case";
  std::vector<std::string> flags;
  for (std::size_t i : rejecting()) {
    const PlannedCheck& check = sql_.suite().checks[i];
    std::string code = quote_literal(check.settings().type);
    std::string said = message(i);
    if (rule_of(check) != nullptr) {
      const std::string found =
          verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot);
      code = found + ".code";
      said = found + ".message";
    }
    const std::string when = " when " + fails_flag(i) + " then ";
    reason += when + code;
    reasons += ", case" + when + code + " end";
    rule += when + quote_literal(check.settings().name);
    text += when + said;
    flags.push_back(fails_flag(i));
  }
  if (flags.empty()) return {};
  return "select " + join(row_columns(schema_), ", ") + ", " + reason + " end as _reason, " +
         reasons + ") as _reasons, " + rule + " end as _rule, " + text + " end as _message from " +
         kFailingRows + " where " + any_true(flags);
}

std::string FindingsSql::rest() const {
  std::vector<bool> asked(failed_.size(), false);
  std::vector<std::string> fails;
  for (std::size_t i : rejecting()) {
    asked[i] = true;
    fails.push_back("coalesce(" + sql_.fails(i) + ", false)");
  }
  return "select " + join(row_columns(schema_), ", ") + " from " +
         sql_.source(calls_of(sql_.suite(), asked)) +
         (fails.empty() ? "" : " where not " + any_true(fails));
}

/// "amount is -3.00, org_code is 'C1'; expected at least 0.00"
std::string FindingsSql::message(std::size_t index) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  std::string sql;
  for (const std::string& column : check.plan.columns)
    sql += quote_literal((sql.empty() ? "" : ", ") + column + " is ") + " || " +
           shown(column, schema_) + " || ";
  return sql + quote_literal((sql.empty() ? "expected " : "; expected ") + check.plan.expected);
}

std::string FindingsSql::findings_of(std::size_t index) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  const std::string severity = quote_literal(to_string(check.settings().severity));
  std::string code = quote_literal(check.settings().type);
  std::string text = message(index);
  std::string graded = severity;
  std::string from = kFailingRows;
  std::string where = fails_flag(index);
  if (rule_of(check) != nullptr) {
    from = "(select *, " +
           verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot) +
           " as found from " + from + ")";
    code = "found.code";
    text = "found.message";
    graded = "case when found.is_warning then 'warn' else " + severity + " end";
    where += " or " + warns_flag(index);
  }
  return "select " + join(row_columns(schema_), ", ") + ", " +
         quote_literal(check.settings().name) + " as " + std::string(kCheckColumn) + ", " + graded +
         " as " + std::string(kSeverityColumn) + ", " + code + " as " + std::string(kCodeColumn) +
         ", " + text + " as " + std::string(kMessageColumn) + " from " + from + " where " + where;
}

/// A row of the key's values alone, as often as it lacks here. A value that is none of the column's
/// type (of a table, or with more digits) stands in the message only.
std::string FindingsSql::missing_of(std::size_t index, const KeysOnlyThere& there) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  const auto& columns = std::get<FailingKeys>(check.plan.fails).columns;
  const std::vector<std::string> keys = other_key_names(columns.size());
  std::vector<std::string> cells;
  for (const Column& column : schema_.columns) {
    const auto at = static_cast<std::size_t>(
        std::find(columns.begin(), columns.end(), column.name) - columns.begin());
    cells.push_back(
        (at < columns.size() && there.fits[at] ? keys[at] : "null::" + column.type.sql()) + " as " +
        quote_identifier(column.name));
  }
  if (schema_.has_provenance)
    cells.insert(cells.end(), {"null::VARCHAR as " + quote_identifier(kSourceColumn),
                               "null::BIGINT as " + quote_identifier(kLineColumn)});
  std::string text = quote_literal("missing here, only in " + there.dataset + ": ");
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += " || " + quote_literal((i == 0 ? "" : ", ") + columns[i] + " is ") + " || " +
            shown(columns[i], keys[i], schema_);
  return "select " + join(cells, ", ") + ", " + quote_literal(check.settings().name) + ", " +
         quote_literal(to_string(check.settings().severity)) + ", " + quote_literal(kMissingCode) +
         ", " + text + " from " + sql_.keys_of(index) + ", range(missing) where missing > 0";
}

std::vector<FindingsSql::Group> FindingsSql::groups() const {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    if (groups.empty() || groups.back().size() == kGroupSize) groups.emplace_back();
    groups.back().push_back(i);
  }
  return groups;
}

std::string FindingsSql::rows_of(const Group& group) const {
  std::string found;
  for (std::size_t i : group)
    if (const PlannedCheck& check = sql_.suite().checks[i]; rule_of(check) != nullptr)
      found += ", " + verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot) +
               " as " + found_column(i);
  return found.empty() ? kFailingRows
                       : "(select *" + found + " from " + std::string(kFailingRows) + ")";
}

std::string FindingsSql::findings_of(const Group& group) const {
  std::vector<std::string> found;
  for (std::size_t i : group) {
    const PlannedCheck& check = sql_.suite().checks[i];
    const bool is_rule = rule_of(check) != nullptr;
    const std::string severity = quote_literal(to_string(check.settings().severity));
    const std::string said = found_column(i);
    found.push_back(
        "case when " + fails_flag(i) + (is_rule ? " or " + warns_flag(i) : "") +
        " then {'name': " + quote_literal(check.settings().name) + ", 'severity': " +
        (is_rule ? "case when " + said + ".is_warning then 'warn' else " + severity + " end"
                 : severity) +
        ", 'code': " + (is_rule ? said + ".code" : quote_literal(check.settings().type)) +
        ", 'message': " + (is_rule ? said + ".message" : message(i)) + "} end");
  }
  const std::string columns = join(row_columns(schema_), ", ");
  const auto field = [](const char* name, std::string_view column) {
    return std::string(", ") + kFinding + "." + name + " as " + std::string(column);
  };
  return "select " + columns + field("name", kCheckColumn) + field("severity", kSeverityColumn) +
         field("code", kCodeColumn) + field("message", kMessageColumn) + " from (select " +
         columns + ", unnest([" + join(found, ", ") + "]) as " + kFinding + " from " +
         rows_of(group) + ") where " + kFinding + " is not null";
}

std::string FindingsSql::findings() const {
  std::vector<std::string> selects;
  const std::vector<Group> groups = this->groups();
  const bool is_grouped = groups.size() > 1;
  if (is_grouped)
    for (const Group& group : groups) selects.push_back(findings_of(group));
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    if (!is_grouped) selects.push_back(findings_of(i));
    const auto* keys = std::get_if<FailingKeys>(&sql_.suite().checks[i].plan.fails);
    if (keys != nullptr && keys->only_there) selects.push_back(missing_of(i, *keys->only_there));
  }
  return balanced(selects, " union all ");
}

/// SQL text of what a failing row is counted by: its values, or of a rule the code; empty if it has
/// none.
std::string FindingsSql::counted_value(std::size_t index) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  if (rule_of(check) != nullptr) return found_column(index) + ".code";
  std::string value;
  for (const std::string& column : check.plan.columns)
    value += (value.empty() ? "" : " || ', ' || ") + shown(column, schema_);
  return value;
}

std::string FindingsSql::top_values_of(const Group& group, int limit) const {
  std::vector<std::string> values;
  for (std::size_t i : group)
    if (const std::string value = counted_value(i); !value.empty())
      values.push_back("case when " + fails_flag(i) + " then {'checked': " + std::to_string(i) +
                       ", 'value': " + value + "} end");
  if (values.empty()) return {};
  const std::string found = kFinding;
  return "(select * from (select checked, value, count(*) as n from (select " + found +
         ".checked as checked, " + found + ".value as value from (select unnest([" +
         join(values, ", ") + "]) as " + found + " from " + rows_of(group) + ") where " + found +
         " is not null) group by checked, value) qualify row_number() over (partition by checked "
         "order by n desc, value) <= " +
         std::to_string(limit) + ")";
}

std::string FindingsSql::top_values_of(std::size_t index, int limit) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  std::string value;
  std::string raw;
  if (rule_of(check) != nullptr) {
    raw = verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot) +
          ".code as \"tm:code\"";
    value = "\"tm:code\"";
  } else {
    raw = join(quoted(check.plan.columns), ", ");
    value = counted_value(index);
  }
  if (value.empty()) return {};
  // Values are counted before they are written out: most failing rows share a few.
  return "(select " + std::to_string(index) + " as checked, value, sum(n) as n from (select " +
         value + " as value, \"tm:rows\" as n from (select " + raw +
         ", count(*) as \"tm:rows\" from " + kFailingRows + " where " + fails_flag(index) +
         " group by all)) group by value order by n desc, value "
         "limit " +
         std::to_string(limit) + ")";
}

std::string FindingsSql::top_values(int limit) const {
  std::vector<std::string> selects;
  const auto add = [&](std::string select) {
    if (!select.empty()) selects.push_back("select * from " + std::move(select));
  };
  const std::vector<Group> groups = this->groups();
  for (const Group& group : groups) {
    if (groups.size() > 1) {
      add(top_values_of(group, limit));
      continue;
    }
    for (std::size_t i : group) add(top_values_of(i, limit));
  }
  if (selects.empty()) return {};
  return "select * from (" + balanced(selects, " union all ") + ") order by checked, n desc, value";
}

std::string first_rule_error(const CheckSql& sql, const Schema& schema, std::size_t index) {
  const PlannedCheck& check = sql.suite().checks[index];
  std::vector<bool> only(sql.suite().checks.size(), false);
  only[index] = true;
  std::vector<std::string> order;
  std::string place;
  if (schema.has_provenance) {
    order = {quote_identifier(kSourceColumn), quote_identifier(kLineColumn)};
    place = order[0] + " || ':' || " + order[1];
  } else {
    for (const std::string& key : schema.key.empty() ? schema.names() : schema.key) {
      order.push_back(quote_identifier(key));
      place += quote_literal((place.empty() ? "" : ", ") + key + " ") + " || " +
               shown(key, schema) + " || ";
    }
    place += "''";
  }
  const std::string found =
      verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot) + ".message";
  return "select " + place + ", " + found + " from " + sql.source(calls_of(sql.suite(), only)) +
         " where " + sql.raises(index) + " order by " + join(order, ", ") + " limit 1";
}

}  // namespace tallymill
