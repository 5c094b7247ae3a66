#include "rules/check_context.h"

#include "core/money.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

const Column* find_or_report(const std::vector<Column>& columns, const std::string& name,
                             const std::string& owner, const SourcePosition& where,
                             Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Column& column : columns) {
    if (column.name == name) return &column;
    names.push_back(column.name);
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) hint = "its columns are " + join(names, ", ");
  diagnostics.error(where, owner + " has no column '" + name + "'", hint);
  return nullptr;
}

template <class T>
Parsed<CheckValue> shown_as_is(const Parsed<T>& parsed, std::string sql, std::string shown) {
  return {{std::move(sql), std::move(shown)}, parsed.problem};
}

Parsed<CheckValue> decimal_value(std::string_view text, const Type& type) {
  const Parsed<Int128> parsed = parse_decimal(text, type.precision, type.scale, true);
  std::string digits = format_decimal(parsed.value, type.scale);
  return shown_as_is(parsed, "'" + digits + "'::" + type.sql(), digits);
}

Parsed<CheckValue> boolean_value(std::string_view text) {
  if (text == "true" || text == "false") return {{std::string(text), std::string(text)}};
  return {{}, ParseProblem::not_a_boolean};
}

Parsed<CheckValue> enum_value(std::string_view text, const Type& type) {
  for (const std::string& value : type.values)
    if (value == text) return {{quote_literal(text), "'" + value + "'"}};
  return {{}, ParseProblem::not_in_set};
}

Parsed<CheckValue> parse_value(std::string_view text, const Type& type) {
  switch (type.kind) {
    case TypeKind::text:
      return {{quote_literal(text), "'" + std::string(text) + "'"}};
    case TypeKind::enumeration:
      return enum_value(text, type);
    case TypeKind::integer: {
      const Parsed<std::int64_t> parsed = parse_integer(text);
      const std::string digits = std::to_string(parsed.value);
      return shown_as_is(parsed, "'" + digits + "'::BIGINT", digits);
    }
    case TypeKind::money:
    case TypeKind::decimal:
    case TypeKind::ratio:
      return decimal_value(text, type);
    case TypeKind::date: {
      const Parsed<Date> parsed = parse_date(text);
      const std::string day = parsed.value.text();
      return shown_as_is(parsed, "DATE '" + day + "'", day);
    }
    case TypeKind::timestamp: {
      const Parsed<std::int64_t> parsed = parse_timestamp(text);
      return shown_as_is(parsed, "make_timestamp(" + std::to_string(parsed.value) + ")",
                         format_timestamp(parsed.value));
    }
    case TypeKind::boolean:
      return boolean_value(text);
  }
  return {{}, ParseProblem::empty};
}

}  // namespace

const Column* CheckContext::column(const std::string& name, const SourcePosition& where) {
  return find_or_report(schema().columns, name, "the dataset", where, diagnostics());
}

const Column* CheckContext::column(const Reference& reference, const std::string& name,
                                   const SourcePosition& where) {
  const std::string owner = (reference.is_table ? "table '" : "dataset '") + reference.name + "'";
  return find_or_report(reference.columns, name, owner, where, diagnostics());
}

std::optional<CheckValue> check_value(CheckContext& context, YamlNode node, const Column& column,
                                      const std::string& what) {
  if (!node.is_scalar()) {
    context.diagnostics().error(node.position(),
                                what + " must be a value, got a " + std::string(node.kind_name()));
    return std::nullopt;
  }
  const auto text = context.expand(std::string(node.text()), node.position());
  if (!text) return std::nullopt;
  Parsed<CheckValue> parsed = parse_value(*text, column.type);
  if (parsed) return std::move(parsed.value);
  context.diagnostics().error(node.position(), what + " must be a value of column '" + column.name +
                                                   "', which is " + column.type.name() + "; got '" +
                                                   *text + "' (" +
                                                   std::string(to_string(parsed.problem)) + ")");
  return std::nullopt;
}

ListedValues listed_values(CheckContext& context, const std::vector<YamlNode>& nodes,
                           const Column& column) {
  constexpr std::size_t kMostShown = 8;
  ListedValues values;
  std::vector<std::string> shown;
  for (const YamlNode& node : nodes) {
    const auto value = check_value(context, node, column, "an element of 'values'");
    if (!value) continue;
    values.literals.push_back(value->sql);
    if (shown.size() < kMostShown) shown.push_back(value->shown);
  }
  values.shown = join(shown, ", ");
  if (values.literals.size() > kMostShown)
    values.shown += " and " + std::to_string(values.literals.size() - kMostShown) + " more";
  return values;
}

// DuckDB asks a function once for each entry of a column's dictionary, and IN for each row and
// literal.
std::string is_one_of(const std::string& cell, const std::vector<std::string>& literals) {
  return "list_contains([" + join(literals, ", ") + "], " + cell + ")";
}

std::optional<ReferenceName> split_reference(const std::string& text) {
  const std::size_t point = text.rfind('.');
  if (point == std::string::npos || point == 0 || point + 1 == text.size()) return std::nullopt;
  return ReferenceName{text.substr(0, point), text.substr(point + 1)};
}

}  // namespace tallymill
