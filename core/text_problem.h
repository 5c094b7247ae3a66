#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/yaml.h"

namespace tallymill {

/// What is wrong with a part of one text (a cron expression, a date expression), and where in it.
struct TextProblem {
  std::size_t offset = 0;  ///< in bytes
  std::size_t length = 1;  ///< in bytes, at least 1 for a caret
  std::string message;     ///< what was found and what was expected
  std::string hint = {};   ///< what to do; may be empty

  friend bool operator==(const TextProblem&, const TextProblem&) = default;
};

/// The place of `length` bytes at `offset` of `text`, a scalar that stands at `where`. Where the
/// file spells the text otherwise (escapes, several lines) it cannot be told: the place of the
/// whole scalar.
SourcePosition place_within(SourcePosition where, std::string_view text, std::size_t offset,
                            std::size_t length);
SourcePosition place_within(YamlNode node, std::size_t offset, std::size_t length);

/// Adds each problem of the text of `node` to `diagnostics`, as an error at its own place.
void report(const std::vector<TextProblem>& problems, YamlNode node, Diagnostics& diagnostics);

}  // namespace tallymill
