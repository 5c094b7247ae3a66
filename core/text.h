#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// The candidate nearest to `name` by edit distance, if near enough to be a likely misspelling.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> names);
/// "did you mean 'x'?" for nearest_name(), or an empty text.
std::string did_you_mean(std::string_view name, std::span<const std::string> names);

bool is_identifier(std::string_view text);  ///< [A-Za-z_][A-Za-z0-9_]*
bool is_valid_utf8(std::string_view text);
/// Columns a terminal needs for UTF-8 `text`: wide and full-width characters count two.
std::size_t display_width(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);  ///< ASCII white space

/// A value as one path component: every byte outside [A-Za-z0-9._-] and a leading dot as %XX.
std::string percent_encode(std::string_view text);

/// `text` as an SQL identifier / string literal, quotes doubled.
std::string quote_identifier(std::string_view text);
std::string quote_literal(std::string_view text);

/// "250ms", "30s", "10m", "2h", "1d"; nothing else. Empty if malformed or negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// Shortest exact form parse_duration() reads back.
std::string format_duration(std::chrono::milliseconds duration);
/// 1234567 -> "1,234,567".
std::string group_digits(std::int64_t value);

}  // namespace tallymill
