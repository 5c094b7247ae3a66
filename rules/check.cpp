#include "rules/check.h"

#include <stdexcept>

#include "core/text.h"

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

std::vector<std::string> key_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.push_back(quote_identifier("tm:k" + std::to_string(i)));
  return names;
}

std::vector<std::string> other_key_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.push_back(quote_identifier("tm:o" + std::to_string(i)));
  return names;
}

std::string as_keys(const std::vector<std::string>& values) {
  const std::vector<std::string> names = key_names(values.size());
  std::vector<std::string> selected;
  for (std::size_t i = 0; i < values.size(); ++i) selected.push_back(values[i] + " as " + names[i]);
  return join(selected, ", ");
}

void Check::amend(const CheckMeasures&, CheckJudgement&) const {}

const Registry<CheckType>& check_types() {
  static const Registry<CheckType> types = [] {
    Registry<CheckType> all;
    register_all_checks(all);
    return all;
  }();
  return types;
}

}  // namespace tallymill
