#include "core/yaml.h"

#include <algorithm>
#include <charconv>

namespace tallymill {

bool YamlNode::is_null() const {
  return document_ != nullptr && document_->entries_[index_].kind == YamlDocument::Kind::null;
}

bool YamlNode::is_scalar() const {
  return document_ != nullptr && document_->entries_[index_].kind == YamlDocument::Kind::scalar;
}

bool YamlNode::is_sequence() const {
  return document_ != nullptr && document_->entries_[index_].kind == YamlDocument::Kind::sequence;
}

bool YamlNode::is_mapping() const {
  return document_ != nullptr && document_->entries_[index_].kind == YamlDocument::Kind::mapping;
}

std::string_view YamlNode::kind_name() const {
  if (is_scalar()) return "text";
  if (is_sequence()) return "list";
  if (is_mapping()) return "mapping";
  return "nothing";
}

std::string_view YamlNode::text() const {
  if (!is_scalar()) return {};
  const auto& entry = document_->entries_[index_];
  return std::string_view(document_->pool_).substr(entry.first, entry.count);
}

bool YamlNode::is_quoted() const { return is_scalar() && document_->entries_[index_].quoted; }

SourcePosition YamlNode::position() const {
  if (document_ == nullptr) return {};
  const auto& entry = document_->entries_[index_];
  return {document_->file_, static_cast<int>(entry.line), static_cast<int>(entry.column),
          static_cast<int>(entry.length)};
}

std::size_t YamlNode::size() const {
  return is_sequence() || is_mapping() ? document_->entries_[index_].count : 0;
}

YamlNode YamlNode::operator[](std::size_t i) const {
  if (i >= size()) return {};
  const std::size_t first = document_->entries_[index_].first;
  return {document_, document_->children_[is_mapping() ? first + 2 * i + 1 : first + i]};
}

YamlNode YamlNode::key(std::size_t i) const {
  if (!is_mapping() || i >= size()) return {};
  return {document_, document_->children_[document_->entries_[index_].first + 2 * i]};
}

YamlNode YamlNode::find(std::string_view name) const {
  if (!is_mapping()) return {};
  const auto& entry = document_->entries_[index_];
  if (entry.count < YamlDocument::kIndexedPairs) {
    for (std::size_t i = 0; i < entry.count; ++i)
      if (const YamlNode candidate = key(i); candidate.is_scalar() && candidate.text() == name)
        return (*this)[i];
    return {};
  }
  const std::uint32_t* ordered =
      document_->children_.data() + entry.first + 2 * std::size_t{entry.count};
  const std::uint32_t* end = ordered + entry.count;
  const std::uint32_t* pair = std::lower_bound(
      ordered, end, name,
      [this](std::uint32_t i, std::string_view wanted) { return key(i).text() < wanted; });
  // Keys that are not text compare as empty and stand in front of the empty one.
  while (pair != end && !key(*pair).is_scalar()) ++pair;
  return pair != end && key(*pair).text() == name ? (*this)[*pair] : YamlNode();
}

std::optional<bool> YamlNode::as_boolean() const {
  if (!is_scalar() || is_quoted()) return std::nullopt;
  const std::string_view value = text();
  if (value == "true" || value == "True" || value == "TRUE") return true;
  if (value == "false" || value == "False" || value == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> YamlNode::as_integer() const {
  if (!is_scalar() || is_quoted()) return std::nullopt;
  std::string_view digits = text();
  if (!digits.empty() && digits[0] == '+') {
    digits.remove_prefix(1);
    if (!digits.empty() && digits[0] == '-') return std::nullopt;
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [rest, problem] = std::from_chars(digits.data(), end, value);
  if (problem != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::shared_ptr<const YamlDocument> YamlDocument::with_texts(
    const std::function<std::string(YamlNode)>& replacement) const {
  std::vector<bool> is_key(entries_.size(), false);
  for (const Entry& entry : entries_)
    if (entry.kind == Kind::mapping)
      for (std::uint32_t i = 0; i < entry.count; ++i) is_key[children_[entry.first + 2 * i]] = true;
  auto copy = std::make_shared<YamlDocument>(*this);
  copy->pool_.clear();
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind != Kind::scalar) continue;
    const YamlNode node(this, i);
    const std::string text = is_key[i] ? std::string(node.text()) : replacement(node);
    copy->entries_[i].first = static_cast<std::uint32_t>(copy->pool_.size());
    copy->entries_[i].count = static_cast<std::uint32_t>(text.size());
    copy->pool_ += text;
  }
  return copy;
}

YamlNode YamlDocument::root() const { return {this, root_}; }

}  // namespace tallymill
