#include "core/options.h"

#include <stdexcept>

#include "core/text.h"

namespace tallymill {

namespace {

[[noreturn]] void wrong_kind(std::string_view key, std::string_view expected,
                             const YamlNode& node) {
  throw std::logic_error("option '" + std::string(key) + "' was read as " + std::string(expected) +
                         " but is a " + std::string(node.kind_name()) + " at " +
                         node.position().text());
}

}  // namespace

bool Options::has(std::string_view key) const { return static_cast<bool>(node(key)); }

YamlNode Options::node(std::string_view key) const {
  const bool stands_for_main = !main_.empty() && node_ && !node_.is_mapping() && !node_.is_null();
  if (stands_for_main) return key == main_ ? node_ : YamlNode();
  return node_.find(key);
}

SourcePosition Options::position(std::string_view key) const {
  const YamlNode value = node(key);
  return value ? value.position() : node_.position();
}

std::string Options::text(std::string_view key, std::string_view fallback) const {
  const YamlNode value = node(key);
  if (!value) return std::string(fallback);
  if (!value.is_scalar()) wrong_kind(key, "text", value);
  return std::string(value.text());
}

std::int64_t Options::integer(std::string_view key, std::int64_t fallback) const {
  const YamlNode value = node(key);
  if (!value) return fallback;
  const auto number = value.as_integer();
  if (!number) wrong_kind(key, "an integer", value);
  return *number;
}

bool Options::boolean(std::string_view key, bool fallback) const {
  const YamlNode value = node(key);
  if (!value) return fallback;
  const auto truth = value.as_boolean();
  if (!truth) wrong_kind(key, "a boolean", value);
  return *truth;
}

std::chrono::milliseconds Options::duration(std::string_view key,
                                            std::chrono::milliseconds fallback) const {
  const YamlNode value = node(key);
  if (!value) return fallback;
  const auto duration = parse_duration(value.text());
  if (!duration) wrong_kind(key, "a duration", value);
  return *duration;
}

std::vector<std::string> Options::columns(std::string_view key) const {
  const YamlNode value = node(key);
  if (!value) return {};
  if (value.is_scalar()) return {std::string(value.text())};
  if (!value.is_sequence()) wrong_kind(key, "a list of names", value);
  std::vector<std::string> names;
  names.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_scalar()) wrong_kind(key, "a list of names", value[i]);
    names.emplace_back(value[i].text());
  }
  return names;
}

Options Options::object(std::string_view key) const {
  const YamlNode value = node(key);
  if (value && !value.is_mapping() && !value.is_null()) wrong_kind(key, "a mapping", value);
  return Options(value);
}

std::vector<YamlNode> Options::list(std::string_view key) const {
  const YamlNode value = node(key);
  if (value && !value.is_sequence()) wrong_kind(key, "a list", value);
  std::vector<YamlNode> elements;
  elements.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) elements.push_back(value[i]);
  return elements;
}

}  // namespace tallymill
