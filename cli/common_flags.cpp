#include "cli/common_flags.h"

#include "core/error.h"

namespace tallymill {

Flag period_flag() {
  return {.name = "period",
          .value = "PERIOD",
          .summary = "The business time, e.g. 2026-01.",
          .required = true};
}

Period period_of(const Invocation& invocation) {
  const std::string text = invocation.text("period");
  if (const auto period = Period::parse(text)) return *period;
  throw Error(ErrorClass::config,
              "'" + text + "' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31");
}

Flag wait_flag() {
  return {.name = "wait", .summary = "Wait for as long as another tallymill takes no requests."};
}

Flag param_flag(std::string summary) {
  return {.name = "param", .value = "NAME=VALUE", .summary = std::move(summary), .repeated = true};
}

std::map<std::string, std::string> params_of(const Invocation& invocation) {
  std::map<std::string, std::string> params;
  for (const std::string& text : invocation.texts("param")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorClass::config,
                  "--param takes NAME=VALUE, e.g. --param tolerance=1.00; got '" + text + "'");
    if (!params.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
      throw Error(ErrorClass::config,
                  "--param " + text.substr(0, equals) + " is given more than once");
  }
  return params;
}

}  // namespace tallymill
