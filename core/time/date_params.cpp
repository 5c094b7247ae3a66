#include "core/time/date_params.h"

#include "core/money.h"

namespace tallymill {
namespace {

/// Written as it was given, also where a number could be spelt in several ways.
DateValue value_of(const TaskParam& param) {
  if (param.type == "date")
    if (const auto date = parse_date(param.value)) return date.value;
  if (param.type == "integer")
    if (const auto number = parse_integer(param.value);
        number && std::to_string(number.value) == param.value)
      return number.value;
  return param.value;
}

}  // namespace

void add_params(const std::map<std::string, TaskParam>& params, DateScope& scope) {
  scope.param = [&params](const std::string& name) -> std::optional<DateValue> {
    const auto param = params.find(name);
    return param == params.end() ? std::nullopt : std::optional(value_of(param->second));
  };
  for (const auto& entry : params) scope.param_names.push_back(entry.first);
}

}  // namespace tallymill
