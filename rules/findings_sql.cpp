#include "rules/findings_sql.h"

#include <algorithm>
#include <span>

#include "core/text.h"
#include "datasets/row_table.h"
#include "rules/check_verdicts.h"

namespace tallymill {
namespace {

/// They with their columns.
constexpr const char* kFailingRows = "tm_failing_rows";

/// Of a BIGINT, so that no sign is touched.
constexpr int kBitsPerWord = 62;
/// What a rule found, of a row that is asked about one check.
constexpr const char* kFound = "\"tm:found\"";

std::string word_column(std::size_t word) {
  return quote_identifier("tm:failed" + std::to_string(word));
}

/// Encloses what it gives.
std::string has_bits(std::size_t word, std::int64_t bits) {
  return "(" + word_column(word) + " & " + std::to_string(bits) + " <> 0)";
}

std::string bits_if(const std::string& condition, std::int64_t bits) {
  return "case when " + condition + " then " + std::to_string(bits) + " else 0 end";
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
    : sql_(sql), schema_(schema), failed_(std::move(failed)), places_(failed_.size()) {
  int used = kBitsPerWord;
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    const bool is_rule = rule_of(sql_.suite().checks[i]) != nullptr;
    const int needed = is_rule ? 2 : 1;
    if (used + needed > kBitsPerWord) {
      ++words_;
      used = 0;
    }
    places_[i] = {.word = words_ - 1,
                  .fails = std::int64_t{1} << used,
                  .warns = is_rule ? std::int64_t{2} << used : 0};
    used += needed;
  }
}

std::vector<std::size_t> FindingsSql::checks_in(std::size_t word) const {
  std::vector<std::size_t> checks;
  for (std::size_t i = 0; i < failed_.size(); ++i)
    if (failed_[i] && places_[i].word == word) checks.push_back(i);
  return checks;
}

std::string FindingsSql::fails(std::size_t check) const {
  return has_bits(places_[check].word, places_[check].fails);
}

std::string FindingsSql::warns(std::size_t check) const {
  return has_bits(places_[check].word, places_[check].warns);
}

std::string FindingsSql::keep() const {
  const std::vector<bool> calls = calls_of(sql_.suite(), failed_);
  std::vector<std::string> row = row_columns(schema_);
  for (std::size_t call = 0; call < calls.size(); ++call)
    if (calls[call]) row.push_back(CheckSql::verdicts_column(call));
  std::string selected = join(row, ", ");
  std::vector<std::string> words;
  std::vector<std::string> any;
  for (std::size_t word = 0; word < words_; ++word) {
    std::vector<std::string> bits;
    for (const std::size_t i : checks_in(word)) {
      bits.push_back(bits_if(sql_.fails(i), places_[i].fails));
      if (places_[i].warns != 0) bits.push_back(bits_if(sql_.warns(i), places_[i].warns));
    }
    selected += ", (" + balanced(bits, " | ") + ")::BIGINT as " + word_column(word);
    words.push_back(word_column(word));
    any.push_back(word_column(word) + " <> 0");
  }
  // Asked once and then filtered by: a condition that stood in both places would look up keys
  // twice.
  return RowTable{.name = kFailingRows, .columns = row, .plain = words}.make(
      "from (select " + selected + " from " + sql_.source(calls) + ") where " + any_true(any));
}

std::string FindingsSql::count() const {
  std::string counts;
  std::vector<std::string> errors;
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    const PlannedCheck& check = sql_.suite().checks[i];
    counts += ", count_if(" + fails(i) + "), ";
    counts += places_[i].warns == 0 ? "0" : "count_if(" + warns(i) + ")";
    if (check.settings().severity == CheckSeverity::error) errors.push_back(fails(i));
  }
  std::vector<std::string> rejects;
  for (std::size_t i : rejecting()) rejects.push_back(fails(i));
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
    const std::string when = " when " + fails(i) + " then ";
    reason += when + code;
    reasons += ", case" + when + code + " end";
    rule += when + quote_literal(check.settings().name);
    text += when + said;
    flags.push_back(fails(i));
  }
  if (flags.empty()) return {};
  return "select " + join(row_columns(schema_), ", ") + ", " + reason + " end as _reason, " +
         reasons + ") as _reasons, " + rule + " end as _rule, " + text + " end as _message from " +
         kFailingRows + " where " + any_true(flags);
}

std::string FindingsSql::rest() const {
  std::vector<bool> judged(failed_.size(), false);
  std::vector<std::string> rejects;
  for (std::size_t i : rejecting()) {
    judged[i] = true;
    rejects.push_back("coalesce(" + sql_.fails(i) + ", false)");
  }
  return "select " + join(row_columns(schema_), ", ") + " from " +
         sql_.source(calls_of(sql_.suite(), judged)) +
         (rejects.empty() ? "" : " where not " + any_true(rejects));
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

/// Stands behind FROM: the rows kept, each as often as it fails one of `checks`, which are of one
/// word, with what of that is the same for all rows; of rules with what they found.
std::string FindingsSql::asked(const std::vector<std::size_t>& checks, bool with_warnings) const {
  std::string values;
  std::string found;
  for (const std::size_t i : checks) {
    const PlannedCheck& check = sql_.suite().checks[i];
    const Place& place = places_[i];
    const bool is_rule = rule_of(check) != nullptr;
    values += (values.empty() ? "(" : ", (") + std::to_string(i) + ", " +
              std::to_string(with_warnings ? place.fails | place.warns : place.fails) +
              "::BIGINT, " + quote_literal(check.settings().name) + ", " +
              quote_literal(to_string(check.settings().severity)) + ", " +
              (is_rule ? "null::VARCHAR" : quote_literal(check.settings().type)) + ")";
    if (is_rule)
      found += " when " + std::to_string(i) + " then " +
               verdict_finding(CheckSql::verdicts_column(check.rule_call), check.rule_slot);
  }
  // DuckDB goes through the values once for each chunk of rows, and copies no row for it.
  std::string rows = std::string(kFailingRows) + " join (values " + values +
                     ") as asked(\"tm:check\", \"tm:bits\", \"tm:name\", \"tm:severity\", "
                     "\"tm:code\") on " +
                     word_column(places_[checks.front()].word) + " & \"tm:bits\" <> 0";
  if (found.empty()) return rows;
  return "(select *, case \"tm:check\"" + found + " end as " + kFound + " from " + rows + ")";
}

std::string FindingsSql::findings_of(std::size_t word) const {
  const std::vector<std::size_t> checks = checks_in(word);
  std::string text = "case \"tm:check\"";
  bool has_rules = false;
  for (const std::size_t i : checks) {
    const bool is_rule = rule_of(sql_.suite().checks[i]) != nullptr;
    has_rules = has_rules || is_rule;
    text += " when " + std::to_string(i) + " then " +
            (is_rule ? kFound + std::string(".message") : message(i));
  }
  std::string severity = "\"tm:severity\"";
  std::string code = "\"tm:code\"";
  if (has_rules) {
    severity =
        std::string("case when ") + kFound + ".is_warning then 'warn' else " + severity + " end";
    code = "coalesce(" + code + ", " + kFound + ".code)";
  }
  const auto as = [](const std::string& sql, std::string_view column) {
    return ", " + sql + " as " + std::string(column);
  };
  return "select " + join(row_columns(schema_), ", ") + as("\"tm:name\"", kCheckColumn) +
         as(severity, kSeverityColumn) + as(code, kCodeColumn) + as(text + " end", kMessageColumn) +
         " from " + asked(checks, true);
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

std::string FindingsSql::findings() const {
  std::vector<std::string> selects;
  for (std::size_t word = 0; word < words_; ++word) selects.push_back(findings_of(word));
  for (std::size_t i = 0; i < failed_.size(); ++i) {
    if (!failed_[i]) continue;
    const auto* keys = std::get_if<FailingKeys>(&sql_.suite().checks[i].plan.fails);
    if (keys != nullptr && keys->only_there) selects.push_back(missing_of(i, *keys->only_there));
  }
  return balanced(selects, " union all ");
}

/// SQL text of what a failing row is counted by: its values, or of a rule the code; empty if it has
/// none.
std::string FindingsSql::counted_value(std::size_t index) const {
  const PlannedCheck& check = sql_.suite().checks[index];
  if (rule_of(check) != nullptr) return kFound + std::string(".code");
  std::string value;
  for (const std::string& column : check.plan.columns)
    value += (value.empty() ? "" : " || ', ' || ") + shown(column, schema_);
  return value;
}

std::string FindingsSql::top_values_in(std::size_t word, int limit) const {
  std::vector<std::size_t> counted;
  std::string values = "case \"tm:check\"";
  for (const std::size_t i : checks_in(word)) {
    const std::string value = counted_value(i);
    if (value.empty()) continue;
    counted.push_back(i);
    values += " when " + std::to_string(i) + " then " + value;
  }
  if (counted.empty()) return {};
  return "(select \"tm:check\" as checked, value, count(*) as n from (select \"tm:check\", " +
         values + " end as value from " + asked(counted, false) +
         ") group by \"tm:check\", value qualify row_number() over (partition by checked order by "
         "n desc, value) <= " +
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
         ", count(*) as \"tm:rows\" from " + kFailingRows + " where " + fails(index) +
         " group by all)) group by value order by n desc, value "
         "limit " +
         std::to_string(limit) + ")";
}

std::string FindingsSql::top_values(int limit) const {
  std::vector<std::string> selects;
  const auto add = [&](std::string select) {
    if (!select.empty()) selects.push_back("select * from " + std::move(select));
  };
  // Every SELECT binds all columns: more checks are counted word by word.
  for (std::size_t word = 0; word < words_; ++word) {
    if (words_ > 1)
      add(top_values_in(word, limit));
    else
      for (const std::size_t i : checks_in(word)) add(top_values_of(i, limit));
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
