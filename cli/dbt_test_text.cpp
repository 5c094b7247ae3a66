#include "cli/dbt_test_text.h"

#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

/// A YAML text that cannot be taken for anything else.
std::string yaml_text(std::string_view text) {
  std::string result = "\"";
  for (const char byte : one_line(text)) {
    if (byte == '"' || byte == '\\') result += '\\';
    result += byte;
  }
  return result + "\"";
}

std::string column_text(const std::string& column) {
  return is_identifier(column) ? column : yaml_text(column);
}

/// "ref('stg_orders')" -> "stg_orders"; source('ecom', 'raw_orders') -> "raw_orders".
std::string referenced(const std::string& call) {
  const std::size_t end = call.find_last_of("'\"");
  if (end == std::string::npos || end == 0) return {};
  const std::size_t begin = call.find_last_of("'\"", end - 1);
  return begin == std::string::npos ? std::string() : call.substr(begin + 1, end - begin - 1);
}

std::string value_list(const json::object& arguments) {
  const json::value* values = arguments.if_contains("values");
  if (values == nullptr || !values->is_array()) return {};
  std::vector<std::string> texts;
  for (const json::value& value : values->as_array())
    texts.push_back(
        yaml_text(value.is_string() ? std::string(value.as_string()) : json::serialize(value)));
  return "[" + join(texts, ", ") + "]";
}

/// dbt_utils.expression_is_true has its argument right here since dbt 1.10, or among others.
std::string expression_text(const json::object& arguments) {
  const std::string expression = json_text_or(arguments, "expression", "");
  return expression.empty() ? std::string() : "expression: { sql: " + yaml_text(expression) + " }";
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string result;
  for (const char byte : text)
    result += static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f ? ' ' : byte;
  return result;
}

std::string check_for_dbt_test(const json::object& test) {
  const json::value* metadata = test.if_contains("test_metadata");
  if (metadata == nullptr || !metadata->is_object()) return {};
  const std::string name = json_text_or(metadata->get_object(), "name", "");
  const json::value* found = metadata->get_object().if_contains("kwargs");
  if (found == nullptr || !found->is_object()) return {};
  const json::object& arguments = found->get_object();
  if (name == "expression_is_true") return expression_text(arguments);
  const std::string column = json_text_or(arguments, "column_name", "");
  if (column.empty()) return {};
  if (name == "not_null" || name == "unique") return name + ": " + column_text(column);
  if (name == "accepted_values") {
    const std::string values = value_list(arguments);
    return values.empty()
               ? values
               : "in_set: { column: " + column_text(column) + ", values: " + values + " }";
  }
  if (name == "relationships") {
    const std::string to = referenced(json_text_or(arguments, "to", ""));
    const std::string field = json_text_or(arguments, "field", "");
    if (is_identifier(to) && is_identifier(field))
      return "foreign_key: { column: " + column_text(column) + ", references: " + to + "." + field +
             " }";
  }
  return {};
}

}  // namespace tallymill
