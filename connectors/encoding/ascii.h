#pragma once

#include <cstddef>
#include <string_view>

namespace tallymill {

/// How many bytes at the front of `bytes` are ASCII; 16 at a time.
std::size_t count_ascii(std::string_view bytes);

}  // namespace tallymill
