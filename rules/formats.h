#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/engine.h"

namespace tallymill {

/// A form of text that has a name: e-mail address, resident ID number, ISO date. The pattern says
/// how it is written; where writing alone does not decide (check digits, days that exist, codes of
/// a list) a function decides. Blanks around a value are not part of any format.
struct NamedFormat {
  std::string name;
  std::string summary;                               ///< what it is and by which standard
  std::string pattern = {};                          ///< RE2, of the whole text; empty: any text
  std::function<bool(std::string_view)> holds = {};  ///< of a text like the pattern; empty: true
  std::string example;                               ///< a text that has the format
};

/// All of them, in order of their names.
const std::vector<NamedFormat>& named_formats();
/// Null if there is no such format.
const NamedFormat* find_format(std::string_view name);

/// SQL condition: the text has the format; null for null. Registers its function on first use.
std::string format_condition(Engine& engine, const NamedFormat& format,
                             const std::string& expression);

}  // namespace tallymill
