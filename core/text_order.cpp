#include "core/text_order.h"

#include <algorithm>

namespace tallymill {
namespace {

struct Key {
  std::uint64_t start;  ///< the first eight bytes, the first one highest; shorter: zeros
  std::uint32_t number;
};

std::uint64_t start_of(std::string_view text) {
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < 8; ++i)
    start = start << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return start;
}

}  // namespace

std::vector<std::uint32_t> text_order(std::span<const std::string_view> texts) {
  std::vector<Key> keys;
  keys.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    keys.push_back({start_of(texts[i]), static_cast<std::uint32_t>(i)});
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (a.start != b.start) return a.start < b.start;
    const int order = texts[a.number].compare(texts[b.number]);
    return order != 0 ? order < 0 : a.number < b.number;
  });
  std::vector<std::uint32_t> order;
  order.reserve(keys.size());
  for (const Key& key : keys) order.push_back(key.number);
  return order;
}

}  // namespace tallymill
