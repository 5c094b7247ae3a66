#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "datasets/engine.h"

namespace tallymill {

/// White space that users paste without seeing it: ASCII blanks (space, tab, line feed, vertical
/// tab, form feed, carriage return), U+00A0 no-break space and U+3000 ideographic space.
std::string_view trim_blanks(std::string_view utf8);

/// Full-width forms U+FF01..U+FF5E as the ASCII they stand for, U+3000 as a space; everything else
/// stays. Also what looks alike stays (U+2018 quotes, U+FFE5 yen sign): it has no ASCII form.
std::string to_half_width(std::string_view utf8);

/// White space of any kind as one space between words and none at the ends; or none at all.
std::string one_blank(std::string_view utf8);
std::string no_blanks(std::string_view utf8);
/// Without the characters nobody sees and those of `also`.
std::string strip_characters(std::string_view utf8, std::u32string_view also);

/// An SQL call of `transform` on the text `expression`; null stays null. Registers it as `name` on
/// first use. With `of_ascii` false it leaves ASCII texts alone, which then cost next to nothing.
std::string text_function_sql(Engine& engine, const std::string& name,
                              std::function<std::string(std::string_view)> transform,
                              const std::string& expression, bool of_ascii = true);

/// SQL calls of the first two; they register their function on first use.
std::string trim_blanks_sql(Engine& engine, const std::string& expression);
/// ASCII texts, nearly all of them in practice, never reach the function.
std::string half_width_sql(Engine& engine, const std::string& expression);

}  // namespace tallymill
