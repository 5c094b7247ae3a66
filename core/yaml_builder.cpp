#include "core/yaml_builder.h"

#include <algorithm>
#include <limits>

#include "core/text_order.h"

namespace tallymill {

YamlBuilder::YamlBuilder(std::string file, std::shared_ptr<const std::string> text)
    : document_(std::make_shared<YamlDocument>()) {
  document_->file_ = std::move(file);
  document_->text_ = std::move(text);
  // A node every 14 bytes is typical of graphs; too few only costs a reallocation.
  document_->entries_.reserve(document_->text_->size() / 14);
  document_->children_.reserve(document_->text_->size() / 14);
  document_->pool_.reserve(document_->text_->size() / 2);
}

std::uint32_t YamlBuilder::add(Kind kind, Place place) {
  Entry entry;
  entry.kind = kind;
  entry.line = place.line;
  entry.column = place.column;
  entry.length = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(place.length, std::numeric_limits<std::uint16_t>::max()));
  const auto index = static_cast<std::uint32_t>(document_->entries_.size());
  document_->entries_.push_back(entry);
  if (open_.empty()) {
    document_->root_ = index;
  } else {
    pending_.push_back(index);
  }
  return index;
}

void YamlBuilder::null(Place place) { add(Kind::null, place); }

void YamlBuilder::missing_value(Place place) {
  const bool has_key = !open_.empty() &&
                       document_->entries_[open_.back().entry].kind == Kind::mapping &&
                       (pending_.size() - open_.back().first_pending) % 2 == 1;
  if (has_key) {
    const Entry& key = document_->entries_[pending_.back()];
    place = {key.line, key.column, key.length};
  }
  null(place);
}

void YamlBuilder::scalar(Place place, std::string_view text, bool quoted) {
  Entry& entry = document_->entries_[add(Kind::scalar, place)];
  entry.quoted = quoted;
  entry.first = static_cast<std::uint32_t>(document_->pool_.size());
  entry.count = static_cast<std::uint32_t>(text.size());
  document_->pool_ += text;
}

void YamlBuilder::begin_sequence(Place place) {
  const std::uint32_t entry = add(Kind::sequence, place);
  open_.push_back({entry, pending_.size()});
}

void YamlBuilder::begin_mapping(Place place) {
  const std::uint32_t entry = add(Kind::mapping, place);
  open_.push_back({entry, pending_.size()});
}

void YamlBuilder::end(Diagnostics& diagnostics) {
  const Open container = open_.back();
  open_.pop_back();
  auto& children = document_->children_;
  Entry& entry = document_->entries_[container.entry];
  entry.first = static_cast<std::uint32_t>(children.size());
  entry.count = static_cast<std::uint32_t>(pending_.size() - container.first_pending);
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(container.first_pending);
  children.insert(children.end(), begin, pending_.end());
  pending_.erase(begin, pending_.end());
  if (entry.kind == Kind::mapping) {
    entry.count /= 2;
    check_keys(entry, diagnostics);
  }
}

bool YamlBuilder::is_text_key(const Entry& mapping, std::uint32_t pair) const {
  return document_->entries_[document_->children_[mapping.first + 2 * pair]].kind == Kind::scalar;
}

std::string_view YamlBuilder::key_text(const Entry& mapping, std::uint32_t pair) const {
  const Entry& key = document_->entries_[document_->children_[mapping.first + 2 * pair]];
  if (key.kind != Kind::scalar) return {};
  return std::string_view(document_->pool_).substr(key.first, key.count);
}

SourcePosition YamlBuilder::key_position(const Entry& mapping, std::uint32_t pair) const {
  return YamlNode(document_.get(), document_->children_[mapping.first + 2 * pair]).position();
}

void YamlBuilder::check_keys(const Entry& mapping, Diagnostics& diagnostics) {
  for (std::uint32_t pair = 0; pair < mapping.count; ++pair) {
    const YamlNode key(document_.get(), document_->children_[mapping.first + 2 * pair]);
    if (!key.is_scalar())
      diagnostics.error(key.position(), "a key must be text, got " +
                                            std::string(key.is_null()       ? "nothing"
                                                        : key.is_sequence() ? "a list"
                                                                            : "a mapping"));
    if (!key.is_quoted() && key.text() == "<<")
      diagnostics.error(key.position(), "merge keys ('<<') are not supported",
                        "write the keys out, or use the graph's defaults and params");
  }
  if (mapping.count < YamlDocument::kIndexedPairs) {
    compare_keys(mapping, diagnostics);
  } else {
    order_keys(mapping, diagnostics);
  }
}

void YamlBuilder::report_duplicate(const Entry& mapping, std::uint32_t first, std::uint32_t again,
                                   Diagnostics& diagnostics) const {
  diagnostics.error(
      key_position(mapping, again), "duplicate key '" + std::string(key_text(mapping, again)) + "'",
      "it stands already in line " + std::to_string(key_position(mapping, first).line));
}

void YamlBuilder::compare_keys(const Entry& mapping, Diagnostics& diagnostics) const {
  for (std::uint32_t again = 1; again < mapping.count; ++again) {
    const std::string_view text = key_text(mapping, again);
    for (std::uint32_t first = 0; first < again; ++first) {
      if (key_text(mapping, first) != text) continue;
      if (!is_text_key(mapping, first) || !is_text_key(mapping, again)) continue;
      report_duplicate(mapping, first, again, diagnostics);
      break;
    }
  }
}

void YamlBuilder::order_keys(const Entry& mapping, Diagnostics& diagnostics) {
  std::vector<std::string_view> texts;
  texts.reserve(mapping.count);
  for (std::uint32_t pair = 0; pair < mapping.count; ++pair)
    texts.push_back(key_text(mapping, pair));
  // Equal keys in written order, so that the first one counts.
  std::vector<std::uint32_t> ordered = text_order(texts);
  // Keys that are not text compare as empty; find() skips them in front of the empty text.
  const auto is_empty = [&](std::uint32_t pair) { return texts[pair].empty(); };
  std::stable_partition(ordered.begin(), std::find_if_not(ordered.begin(), ordered.end(), is_empty),
                        [&](std::uint32_t pair) { return !is_text_key(mapping, pair); });
  std::uint32_t first = ordered[0];
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    const std::string_view text = key_text(mapping, ordered[i]);
    if (text == key_text(mapping, first) && is_text_key(mapping, first)) {
      report_duplicate(mapping, first, ordered[i], diagnostics);
    } else {
      first = ordered[i];
    }
  }
  document_->children_.insert(document_->children_.end(), ordered.begin(), ordered.end());
}

std::shared_ptr<const YamlDocument> YamlBuilder::take() {
  if (document_->entries_.empty()) null({1, 1, 1});
  return std::move(document_);
}

}  // namespace tallymill
