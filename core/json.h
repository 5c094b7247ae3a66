#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace tallymill {

/// The only door to Boost.JSON. Objects keep insertion order, so output is deterministic.
namespace json = boost::json;

/// Parses one JSON text. Throws Error(data) naming `what` and the byte offset if it is malformed.
json::value parse_json(std::string_view text, std::string_view what);
/// Two-space indented text with a final newline, for files people read. Keys keep their order.
std::string pretty_json(const json::value& value);

/// Typed look-ups that throw Error(data) naming the missing or mistyped key.
const json::value& json_at(const json::object& object, std::string_view key);
std::string json_text(const json::object& object, std::string_view key);
std::int64_t json_integer(const json::object& object, std::string_view key);
bool json_boolean(const json::object& object, std::string_view key);
/// The text under `key`, or `fallback` if the key is absent or null.
std::string json_text_or(const json::object& object, std::string_view key,
                         std::string_view fallback);

}  // namespace tallymill
