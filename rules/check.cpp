#include "rules/check.h"

#include <stdexcept>

namespace tallymill {

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::pass:
      return "pass";
    case CheckVerdict::fail:
      return "fail";
    case CheckVerdict::not_applicable:
      break;
  }
  return "not_applicable";
}

std::string_view to_string(CheckSeverity severity) {
  return severity == CheckSeverity::error ? "error" : "warn";
}

CheckJudgement Check::judge(const CheckMeasures&) const {
  throw std::logic_error("a check of the whole dataset does not judge what it measured");
}

const Registry<CheckType>& check_types() {
  static const Registry<CheckType> types = [] {
    Registry<CheckType> all;
    register_all_checks(all);
    return all;
  }();
  return types;
}

}  // namespace tallymill
