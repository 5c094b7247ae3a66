#include "rules/check_columns.h"

#include <algorithm>

#include "core/money.h"
#include "rules/typed_value.h"

namespace tallymill {

std::optional<std::vector<const Column*>> check_columns(CheckContext& context,
                                                        const std::vector<std::string>& names,
                                                        const SourcePosition& where) {
  std::vector<const Column*> columns;
  for (const std::string& name : names) columns.push_back(context.column(name, where));
  if (std::count(columns.begin(), columns.end(), nullptr) > 0) return std::nullopt;
  return columns;
}

bool is_number(const Type& type) { return type.is_decimal() || type.kind == TypeKind::integer; }

bool has_order(const Type& type) {
  return is_number(type) || type.kind == TypeKind::date || type.kind == TypeKind::timestamp;
}

bool are_comparable(const Type& a, const Type& b) {
  return (is_number(a) && is_number(b)) || a.sql() == b.sql();
}

bool require_text(CheckContext& context, const Column& column, const SourcePosition& where,
                  const std::string& check, const std::string& hint) {
  if (is_text(column.type)) return true;
  context.diagnostics().error(
      where, "column '" + column.name + "' is " + column.type.name() + "; " + check + " takes text",
      hint);
  return false;
}

std::string as_exact(const std::string& sql, int scale) {
  return sql + "::DECIMAL(38," + std::to_string(scale) + ")";
}

std::optional<Int128> check_amount(CheckContext& context, const Options& options,
                                   const std::string& option, const std::string& written, int scale,
                                   bool may_be_negative) {
  const SourcePosition where = options.position(option);
  const auto text = context.expand(written, where);
  if (!text) return std::nullopt;
  const auto parsed = parse_decimal(*text, 38, scale, true);
  if (parsed && (may_be_negative || parsed.value >= 0)) return parsed.value;
  context.diagnostics().error(where, "option '" + option + "' must be a number" +
                                         (may_be_negative ? "" : " that is not negative") +
                                         " with at most " + std::to_string(scale) +
                                         " fraction digits; got '" + *text + "'");
  return std::nullopt;
}

}  // namespace tallymill
