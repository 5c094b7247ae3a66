#include "rules/json_text.h"

#include "core/json.h"

namespace tallymill {
namespace {

/// Deeper texts are refused, not read until the stack ends.
constexpr std::size_t kMostDepth = 256;

std::string kind_of(const json::value& value) {
  if (value.is_object()) return "object";
  return value.is_array() ? "array" : "single value";
}

/// A key may itself hold points: whole names are tried before parts of them.
bool has_key(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  if (object == nullptr) return false;
  if (object->contains(key)) return true;
  for (std::size_t point = key.find('.'); point != std::string_view::npos;
       point = key.find('.', point + 1))
    if (const json::value* inner = object->if_contains(key.substr(0, point));
        inner != nullptr && has_key(*inner, key.substr(point + 1)))
      return true;
  return false;
}

}  // namespace

std::string json_fault(std::string_view text, const JsonShape& shape) {
  json::parse_options options;
  options.max_depth = kMostDepth;
  json::parser parser({}, options);
  boost::system::error_code problem;
  const std::size_t read = parser.write(text, problem);
  if (problem) return "no JSON: " + problem.message() + " at byte " + std::to_string(read + 1);
  const json::value value = parser.release();
  const std::string kind = kind_of(value);
  if (!shape.kind.empty() && kind != shape.kind) return kind + ", not " + shape.kind;
  for (const std::string& key : shape.required)
    if (!has_key(value, key)) return "without key '" + key + "'";
  return {};
}

}  // namespace tallymill
