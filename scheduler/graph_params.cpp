#include "scheduler/graph_params.h"

#include <algorithm>

#include "core/options.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/file_options.h"

namespace tallymill {
namespace {

constexpr int kWidestDecimal = 38;
constexpr int kRatioPrecision = 18;
constexpr int kRatioScale = 9;

/// A parameter of type decimal has as many fraction digits as its value is written with.
int written_scale(std::string_view value) {
  const std::size_t point = value.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(value.size() - point - 1);
}

std::string expected_form(std::string_view type, int currency_scale) {
  if (type == "money")
    return "write a plain amount with at most " + std::to_string(currency_scale) +
           " digits behind the point, e.g. \"" + format_decimal(0, currency_scale) + "\"";
  if (type == "integer") return "write a whole number, e.g. 3";
  if (type == "decimal") return "write a plain decimal, e.g. 1.5";
  if (type == "ratio")
    return "write a plain decimal with at most 9 digits behind the point, e.g. 0.05";
  if (type == "date") return "write a day, e.g. 2026-01-31";
  return "write true or false";
}

TaskParam read_param(const std::string& name, YamlNode body, int currency_scale,
                     Diagnostics& diagnostics) {
  validate_options(body, param_options(), "param '" + name + "'", diagnostics);
  const YamlNode value = body.find("default");
  TaskParam param{std::string(body.find("type").text()), std::string(value.text())};
  const auto& types = param_options().front().choices;
  if (std::find(types.begin(), types.end(), param.type) == types.end() || !value.is_scalar())
    return param;  // reported
  const ParseProblem problem = check_param(param.type, param.value, currency_scale);
  if (problem != ParseProblem::none)
    diagnostics.error(value.position(),
                      "default of param '" + name + "' is no " + param.type + ": '" + param.value +
                          "' (" + std::string(to_string(problem)) + ")",
                      expected_form(param.type, currency_scale));
  return param;
}

}  // namespace

ParseProblem check_param(std::string_view type, std::string_view value, int currency_scale) {
  if (type == "integer") return parse_integer(value).problem;
  if (type == "money") return parse_money(value, currency_scale).problem;
  if (type == "decimal") {
    const int scale = written_scale(value);
    if (scale > kWidestDecimal) return ParseProblem::out_of_range;
    return parse_decimal(value, kWidestDecimal, scale).problem;
  }
  if (type == "ratio") return parse_decimal(value, kRatioPrecision, kRatioScale, true).problem;
  if (type == "date") return parse_date(value).problem;
  if (type == "boolean")
    return value == "true" || value == "false" ? ParseProblem::none : ParseProblem::not_a_boolean;
  return ParseProblem::none;
}

std::map<std::string, TaskParam> read_params(YamlNode node, int currency_scale,
                                             Diagnostics& diagnostics) {
  std::map<std::string, TaskParam> params;
  if (!node || node.is_null()) return params;
  if (!node.is_mapping()) {
    diagnostics.error(node.position(),
                      "option 'params' must be a mapping, got " + std::string(node.kind_name()),
                      "write 'name: { type: money, default: \"0.00\" }'");
    return params;
  }
  for (std::size_t i = 0; i < node.size(); ++i) {
    std::string name(node.key(i).text());
    if (!is_identifier(name))
      diagnostics.error(
          node.key(i).position(),
          "param name '" + name + "' must be letters, digits and '_', not starting with a digit");
    TaskParam param = read_param(name, node[i], currency_scale, diagnostics);
    params.emplace(std::move(name), std::move(param));
  }
  return params;
}

}  // namespace tallymill
