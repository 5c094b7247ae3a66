#include "rules/text_codes.h"

namespace tallymill {
namespace {

constexpr std::size_t kMaxTexts = 32768;

}  // namespace

std::unique_ptr<TextCodes::Encoder> TextCodes::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Encoder>();
  auto encoder = std::move(idle_.back());
  idle_.pop_back();
  return encoder;
}

/// Under the lock.
std::int64_t TextCodes::number_of(std::string_view text) {
  if (const auto known = numbers_.find(text); known != numbers_.end()) return known->second;
  const auto bytes = static_cast<std::int64_t>(text.size());
  if (texts_.size() >= kMaxTexts || bytes_ + bytes > max_bytes_) return kUnknown;
  texts_.emplace_back(text);
  bytes_ += bytes;
  const auto number = first_ + static_cast<std::int64_t>(texts_.size());
  numbers_.emplace(texts_.back(), number);
  size_.store(texts_.size(), std::memory_order_release);
  return number;
}

void TextCodes::encode(const ColumnView& texts, std::size_t rows, std::int64_t* codes) {
  std::unique_ptr<Encoder> encoder = take();
  if (encoder->codes.size() < rows) encoder->codes.resize(rows);
  const auto added = encoder->dictionary.encode(texts, rows, encoder->codes.data());
  const bool by_row = encoder->dictionary.is_passing_through();
  if (!added.empty() && !by_row) {
    const std::lock_guard lock(mutex_);
    for (const auto& [code, text] : added) {
      const auto index = static_cast<std::size_t>(code);
      if (encoder->numbers.size() <= index) encoder->numbers.resize(index + 1);
      encoder->numbers[index] = number_of(text);
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const auto code = static_cast<std::size_t>(encoder->codes[i]);
    codes[i] = by_row && code != 0 ? kUnknown : encoder->numbers[code];
  }
  if (texts.validity != nullptr)
    for (std::size_t i = 0; i < rows; ++i)
      if (texts.is_null(i)) codes[i] = kNull;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(encoder));
}

void TextCodes::read(std::size_t from, std::vector<std::string_view>& texts) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = from; i < texts_.size(); ++i) texts.emplace_back(texts_[i]);
}

}  // namespace tallymill
