#include "jobs/step_values.h"

#include <algorithm>
#include <cctype>

#include "connectors/value_parser.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

bool is_reason_code(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  });
}

}  // namespace

std::string reason_code(const Options& options, const std::string& fallback,
                        Diagnostics& diagnostics) {
  std::string code = options.text("reason", fallback);
  if (is_reason_code(code)) return code;
  diagnostics.error(options.position("reason"), "'" + code + "' is no reason code",
                    "use letters, digits, '_', '.' and '-'; say more in the message");
  return fallback;
}

std::optional<std::string> literal_sql(const Type& type, const std::string& text,
                                       const SourcePosition& where, Diagnostics& diagnostics) {
  ParsedValue value;
  const ValueParser parser(type);
  const ParseProblem problem = parser.parse(text, value);
  if (problem != ParseProblem::none) {
    diagnostics.error(where, "'" + text + "' is no " + type.name() + " (" +
                                 std::string(to_string(problem)) + ")");
    return std::nullopt;
  }
  // DuckDB reads back the canonical text of a value that is known to be one.
  std::string canonical = text;
  if (type.is_decimal() || type.kind == TypeKind::integer)
    canonical = format_decimal(exact_number(parser, value), type.scale);
  else if (type.kind == TypeKind::timestamp)
    canonical = format_timestamp(value.number);
  else if (type.kind == TypeKind::date)
    canonical = Date{static_cast<std::int32_t>(value.number)}.text();
  else if (type.kind == TypeKind::boolean)
    canonical = value.number != 0 ? "true" : "false";
  return "CAST(" + quote_literal(canonical) + " AS " + type.sql() + ")";
}

std::optional<std::string> value_text(JobContext& context, const std::string& text,
                                      const SourcePosition& where) {
  constexpr std::string_view kPrefix = "param(";
  if (!text.starts_with(kPrefix) || !text.ends_with(')')) return text;
  const std::string name(
      trim(std::string_view(text).substr(kPrefix.size(), text.size() - kPrefix.size() - 1)));
  const auto& params = context.task().params;
  if (const auto it = params.find(name); it != params.end()) {
    // A parameter that only a run gives has no value while the graph is checked.
    const bool is_open = it->second.value.empty() && context.task().mode == TaskMode::bind;
    return is_open ? std::nullopt : std::optional(it->second.value);
  }
  std::vector<std::string> known;
  for (const auto& entry : params) known.push_back(entry.first);
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) hint = "declare it under 'params:' of the graph";
  context.diagnostics().error(where, "the graph has no parameter '" + name + "'", std::move(hint));
  return std::nullopt;
}

std::map<std::string, std::string> rule_params(JobContext& context, const Options& options,
                                               const std::string& key) {
  std::map<std::string, std::string> params;
  const YamlNode node = options.node(key);
  for (std::size_t i = 0; node && i < node.size(); ++i)
    if (auto value = value_text(context, std::string(node[i].text()), node[i].position()))
      params[std::string(node.key(i).text())] = std::move(*value);
  return params;
}

std::optional<IfMissing> if_missing(const Options& options, const char* option, const char* step,
                                    Diagnostics& diagnostics) {
  const YamlNode node = options.node(option);
  if (!node || node.text() == "reject") return IfMissing::reject;
  // `null` is YAML's null, not the text "null".
  if (node.is_null() || node.text() == "null") return IfMissing::null;
  if (node.text() == "keep") return IfMissing::keep;
  diagnostics.error(options.position(option), "option '" + std::string(option) + "' of step '" +
                                                  step + "' must be one of reject, keep, null");
  return std::nullopt;
}

bool table_has(const std::string& table, const std::vector<std::string>& known,
               const std::string& column, const SourcePosition& where, Diagnostics& diagnostics) {
  if (std::find(known.begin(), known.end(), column) != known.end()) return true;
  diagnostics.error(where, "table '" + table + "' has no column '" + column + "'",
                    "its columns are " + join(known, ", "));
  return false;
}

std::string shown_value_sql(const Column& column) {
  if (column.sensitive) return quote_literal(kMaskedValue);
  return "'''' || CAST(" + quote_identifier(column.name) + " AS VARCHAR) || ''''";
}

std::string not_applicable_sql(const RuleInfo& rule) {
  std::vector<std::string> parts;
  for (const RuleNeed& need : rule.needs)
    if (!need.optional) parts.push_back(quote_identifier(need.column) + " IS NULL");
  return parts.empty() ? "false" : "(" + join(parts, " OR ") + ")";
}

}  // namespace tallymill
