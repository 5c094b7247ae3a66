#pragma once

#include <string>
#include <string_view>

namespace tallymill {

/// Spreadsheet programs take a cell of a CSV file that begins with = + - @, one of their wide
/// forms, a tab or a line break for a formula, and run it. A text that begins so, perhaps behind
/// apostrophes, gets one apostrophe more; every other text stays as it is.
std::string guarded_cell(std::string_view text);

/// What guarded_cell() was given, for every text; a cell without guard is taken as it stands.
std::string_view unguarded_cell(std::string_view cell);

}  // namespace tallymill
