#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// What a text must be as JSON (RFC 8259: nothing more lenient).
struct JsonShape {
  std::string kind;                   ///< "object", "array"; empty: any value
  std::vector<std::string> required;  ///< keys of the outermost object, inner ones behind points
};

/// What is wrong, for people: "no JSON: syntax error at byte 3", "an array, not an object",
/// "without key 'terms.days'"; empty: nothing.
std::string json_fault(std::string_view text, const JsonShape& shape);

}  // namespace tallymill
