#pragma once

#include <string>
#include <utility>

#include "core/options.h"

namespace tallymill {

// How the scheduler's files write their option specs.

inline OptionSpec option(std::string name, OptionKind kind, std::string summary,
                         std::string default_text = {}) {
  return {.name = std::move(name),
          .kind = kind,
          .summary = std::move(summary),
          .default_text = std::move(default_text)};
}

inline OptionSpec required(OptionSpec spec) {
  spec.required = true;
  return spec;
}

inline OptionSpec list_of(std::string name, OptionKind element, std::string summary) {
  OptionSpec spec = option(std::move(name), OptionKind::list, std::move(summary));
  spec.fields = {option("", element, "")};
  return spec;
}

}  // namespace tallymill
