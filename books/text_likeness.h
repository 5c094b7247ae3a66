#pragma once

#include <cstdint>
#include <string_view>

namespace tallymill::books {

/// Jaro-Winkler over characters, as `t.similarity` of rules has it, in units of 10^-9: 10^9 for
/// equal texts, 0 for texts without a common character. Rounded down.
std::int64_t text_likeness(std::string_view left, std::string_view right);

}  // namespace tallymill::books
