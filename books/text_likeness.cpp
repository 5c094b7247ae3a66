#include "books/text_likeness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/utf8.h"

namespace tallymill::books {
namespace {

constexpr double kUnit = 1e9;

std::vector<char32_t> characters(std::string_view text) {
  std::vector<char32_t> codes;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character next = decode_utf8(text, at);
    codes.push_back(next.code);
    at += next.bytes;
  }
  return codes;
}

double jaro(const std::vector<char32_t>& left, const std::vector<char32_t>& right) {
  if (left.empty() || right.empty()) return left.empty() && right.empty() ? 1 : 0;
  const std::size_t half = std::max(left.size(), right.size()) / 2;
  const std::size_t window = half > 0 ? half - 1 : 0;
  std::vector<bool> in_left(left.size());
  std::vector<bool> in_right(right.size());
  std::size_t common = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    for (std::size_t j = i > window ? i - window : 0; j < std::min(right.size(), i + window + 1);
         ++j) {
      if (in_right[j] || left[i] != right[j]) continue;
      in_left[i] = in_right[j] = true;
      ++common;
      break;
    }
  if (common == 0) return 0;
  std::size_t swapped = 0;
  for (std::size_t i = 0, j = 0; i < left.size(); ++i) {
    if (!in_left[i]) continue;
    while (!in_right[j]) ++j;
    if (left[i] != right[j++]) ++swapped;
  }
  const auto same = static_cast<double>(common);
  return (same / static_cast<double>(left.size()) + same / static_cast<double>(right.size()) +
          (same - static_cast<double>(swapped / 2)) / same) /
         3;
}

}  // namespace

std::int64_t text_likeness(std::string_view left, std::string_view right) {
  if (left == right) return static_cast<std::int64_t>(kUnit);
  const std::vector<char32_t> a = characters(left);
  const std::vector<char32_t> b = characters(right);
  double alike = jaro(a, b);
  if (alike > 0.7) {
    std::size_t prefix = 0;
    while (prefix < 4 && prefix < a.size() && prefix < b.size() && a[prefix] == b[prefix]) ++prefix;
    alike += static_cast<double>(prefix) * 0.1 * (1 - alike);
  }
  return static_cast<std::int64_t>(std::floor(alike * kUnit));
}

}  // namespace tallymill::books
