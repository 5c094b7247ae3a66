#include "core/json.h"

#include <array>
#include <charconv>

#include "core/error.h"

namespace tallymill {

namespace {

// Deep enough for anything this project writes, shallow enough for the parser's stack.
constexpr std::size_t kMaxDepth = 256;
// What the parser keeps until a text is read: small ones need no memory of their own for it.
constexpr std::size_t kParserBytes = 4096;

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "nothing";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
  }
  return "nothing";
}

[[noreturn]] void wrong_kind(std::string_view key, std::string_view expected,
                             const json::value& got) {
  throw Error(ErrorClass::data, "key '" + std::string(key) + "' must be " + std::string(expected) +
                                    ", got " + std::string(kind_name(got)));
}

/// Boost writes 1.5 as 1.5E0; people expect 1.5.
void write_double(double number, std::string& out) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
  out += digits;
  if (digits.find_first_of(".en") == std::string_view::npos) out += ".0";
}

void write_pretty(const json::value& value, std::size_t indent, std::string& out) {
  const auto new_line = [&out](std::size_t depth) {
    out += '\n';
    out.append(2 * depth, ' ');
  };
  if (const json::array* array = value.if_array(); array && !array->empty()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      new_line(indent + 1);
      write_pretty((*array)[i], indent + 1, out);
    }
    new_line(indent);
    out += ']';
  } else if (const json::object* object = value.if_object(); object && !object->empty()) {
    out += '{';
    bool is_first = true;
    for (const auto& [key, member] : *object) {
      if (!is_first) out += ',';
      is_first = false;
      new_line(indent + 1);
      out += json::serialize(json::string(key)) + ": ";
      write_pretty(member, indent + 1, out);
    }
    new_line(indent);
    out += '}';
  } else if (value.is_double()) {
    write_double(value.get_double(), out);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

json::value parse_json(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  std::array<unsigned char, kParserBytes> room;
  json::stream_parser parser({}, options, room.data(), room.size());
  boost::system::error_code problem;
  const std::size_t used = parser.write_some(text.data(), text.size(), problem);
  if (!problem && used < text.size()) problem = json::error::extra_data;
  if (!problem) parser.finish(problem);
  if (problem)
    throw Error(ErrorClass::data, std::string(what) + " is not JSON: " + problem.message() +
                                      " at byte " + std::to_string(used));
  return parser.release();
}

std::string pretty_json(const json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  out += '\n';
  return out;
}

const json::value& json_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) throw Error(ErrorClass::data, "key '" + std::string(key) + "' is missing");
  return *value;
}

std::string json_text(const json::object& object, std::string_view key) {
  const json::value& value = json_at(object, key);
  if (!value.is_string()) wrong_kind(key, "text", value);
  return std::string(value.get_string());
}

std::int64_t json_integer(const json::object& object, std::string_view key) {
  const json::value& value = json_at(object, key);
  boost::system::error_code problem;
  const auto number = value.is_double() ? 0 : value.to_number<std::int64_t>(problem);
  if (value.is_double() || problem) wrong_kind(key, "a whole number of 64 bits", value);
  return number;
}

bool json_boolean(const json::object& object, std::string_view key) {
  const json::value& value = json_at(object, key);
  if (!value.is_bool()) wrong_kind(key, "true or false", value);
  return value.get_bool();
}

std::string json_text_or(const json::object& object, std::string_view key,
                         std::string_view fallback) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::string(fallback);
  return json_text(object, key);
}

}  // namespace tallymill
