#pragma once

#include <string>
#include <string_view>

namespace tallymill::xlsx {

/// Sheets write characters that XML cannot hold as _x000D_, and that text itself as
/// _x005F_x000D_. Takes both back; what stands for no character stays as it is.
std::string unescaped(std::string text);

/// The way there, also for characters that XML takes for others ('\r') or not at all.
std::string escaped(std::string_view text);

}  // namespace tallymill::xlsx
