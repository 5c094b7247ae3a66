#include "books/examples.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

constexpr int kExamples = 3;

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

std::string any_is_null(const std::vector<Column>& key) {
  std::vector<std::string> parts;
  for (const Column& column : key) parts.push_back(quote_identifier(column.name) + " IS NULL");
  return join(parts, " OR ");
}

}  // namespace

std::string Examples::summary() const { return group_digits(count) + " (" + text + ")"; }

std::string column_list(const std::vector<std::string>& names, const std::string& qualifier) {
  std::vector<std::string> parts;
  for (const std::string& name : names) parts.push_back(qualifier + quote_identifier(name));
  return join(parts, ", ");
}

std::string column_list(const std::vector<Column>& columns, const std::string& qualifier) {
  return column_list(names_of(columns), qualifier);
}

std::string row_name_sql(const std::vector<Column>& key) {
  std::vector<std::string> parts;
  for (const Column& column : key) {
    const std::string value = column.sensitive ? quote_literal(kMaskedValue)
                                               : "coalesce(CAST(" + quote_identifier(column.name) +
                                                     " AS VARCHAR), '(none)')";
    parts.push_back(quote_literal(column.name + " ") + " || " + value);
  }
  return parts.empty() ? "'everything'" : join(parts, " || ', ' || ");
}

Examples find_examples(Engine& engine, const std::string& relation, const std::vector<Column>& key,
                       const std::string& where) {
  const std::string from = " FROM " + relation + " WHERE " + where;
  Examples found;
  found.count = engine.query("SELECT count(*)" + from).integer(0, 0);
  if (found.count == 0) return found;
  const Rows rows =
      engine.query("SELECT " + row_name_sql(key) + from + " ORDER BY " +
                   (key.empty() ? "1" : column_list(key)) + " LIMIT " + std::to_string(kExamples));
  std::vector<std::string> shown;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) shown.push_back(rows.text(row, 0));
  found.text = join(shown, "; ");
  const auto more = found.count - static_cast<std::int64_t>(shown.size());
  if (more > 0) found.text += "; and " + group_digits(more) + " more";
  return found;
}

void require_unique_key(Engine& engine, const std::string& relation, const std::vector<Column>& key,
                        const std::string& what) {
  const std::string names = join(names_of(key), ", ");
  const Examples missing = find_examples(engine, relation, key, any_is_null(key));
  if (missing.count > 0)
    throw Error(ErrorClass::data,
                what + " (" + names + ") has no value in rows: " + missing.summary());
  const std::string groups = "(SELECT " + column_list(key) + ", count(*) AS tm_rows FROM " +
                             relation + " GROUP BY " + column_list(key) + ")";
  const Examples repeated = find_examples(engine, groups, key, "tm_rows > 1");
  if (repeated.count > 0)
    throw Error(ErrorClass::data,
                what + " (" + names + ") is not unique; repeated values: " + repeated.summary());
}

}  // namespace tallymill::books
