#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tallymill {

/// The numbers of `texts` in the order of their bytes; equal texts in the order of their numbers.
/// Most comparisons look at the first eight bytes, kept beside the number, and not at the texts.
std::vector<std::uint32_t> text_order(std::span<const std::string_view> texts);

}  // namespace tallymill
