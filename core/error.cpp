#include "core/error.h"

#include <array>
#include <utility>

namespace tallymill {

namespace {

constexpr std::array kClassNames{
    std::pair{ErrorClass::transient, std::string_view("transient")},
    std::pair{ErrorClass::memory, std::string_view("memory")},
    std::pair{ErrorClass::data, std::string_view("data")},
    std::pair{ErrorClass::config, std::string_view("config")},
    std::pair{ErrorClass::bug, std::string_view("bug")},
    std::pair{ErrorClass::outcome_unknown, std::string_view("outcome_unknown")},
};

}  // namespace

std::string_view to_string(ErrorClass error_class) {
  for (const auto& [value, name] : kClassNames)
    if (value == error_class) return name;
  return "bug";
}

std::optional<ErrorClass> error_class_from(std::string_view text) {
  for (const auto& [value, name] : kClassNames)
    if (name == text) return value;
  return std::nullopt;
}

Error::Error(ErrorClass error_class, std::string message, SourcePosition where)
    : class_(error_class), message_(std::move(message)), where_(std::move(where)) {
  render();
}

Error& Error::add_context(std::string doing) {
  context_.push_back(std::move(doing));
  render();
  return *this;
}

void Error::render() {
  rendered_ = where_.text();
  if (!rendered_.empty()) rendered_ += ": ";
  rendered_ += "error: " + message_;
  for (const std::string& doing : context_) rendered_ += "\n  while " + doing;
}

}  // namespace tallymill
