#pragma once

#include <string>
#include <string_view>

namespace tallymill {

/// Whether `text` (UTF-8) is one well-formed XML document whose prefixes are declared, with a root
/// of this local name; empty: of any. Nothing outside the text is ever read.
bool is_xml(std::string_view text, const std::string& root);

}  // namespace tallymill
