#include "core/yaml_problem.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"

namespace tallymill {

namespace {

struct Explanation {
  std::string_view parser_message;  ///< as yaml-cpp 0.7 begins it
  std::string_view message;
  std::string_view hint;
};

constexpr std::array kExplanations{
    Explanation{"end of map not found", "this does not fit into the mapping above it",
                "check the indentation of this line"},
    Explanation{"end of sequence not found", "this does not fit into the list above it",
                "check the indentation of this line"},
    Explanation{"end of map flow not found", "a mapping opened with '{' is not closed before this",
                "close it with '}'"},
    Explanation{"end of sequence flow not found",
                "a list opened with '[' is not closed before this", "close it with ']'"},
    Explanation{"illegal flow end", "this closes nothing that is open",
                "remove it, or put quotes around the text"},
    Explanation{"illegal block entry", "a list cannot start here",
                "start it on a new line, or write it as [a, b]"},
    Explanation{"illegal tab when looking for indentation", "a tab in the indentation",
                "indent with spaces"},
    Explanation{"illegal EOF in scalar", "the quotes are never closed", "close the quotes"},
    Explanation{"alias not found after *", "aliases ('*name') are not supported",
                "put quotes around a text that starts with '*'"},
    Explanation{"anchor not found after &", "anchors ('&name') are not supported",
                "put quotes around a text that starts with '&'"},
    Explanation{"unknown token", "a text cannot start with this character", "put quotes around it"},
    Explanation{"unknown escape character", "unknown escape in double quotes",
                "use single quotes around a text with backslashes"},
};

std::string_view before_column(std::string_view line, int column) {
  std::size_t offset = 0;
  for (int i = 1; i < column && offset < line.size(); ++i)
    offset += decode_utf8(line, offset).bytes;
  return line.substr(0, offset);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

bool is_indented_with_tab(std::string_view line) {
  const std::size_t text = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(0, text).find('\t') != std::string_view::npos;
}

Diagnostic problem(SourcePosition where, std::string_view message, std::string_view hint) {
  return {Severity::error, std::move(where), std::string(message), std::string(hint)};
}

}  // namespace

Diagnostic explain_yaml_problem(std::string_view parser_message, SourcePosition where,
                                std::string_view line) {
  // Whatever the parser stumbled over later, this is what to mend.
  if (is_indented_with_tab(line))
    return problem(std::move(where), "a tab in the indentation", "indent with spaces");
  const std::string_view before = before_column(line, where.column);
  if (parser_message.starts_with("illegal map value")) {
    // The second ': ' of a line belongs to a text; the first one blames the lines above.
    if (before.find(": ") != std::string_view::npos)
      return problem(std::move(where), "a second ': ' in one line",
                     "put quotes around a text that holds ': '");
    return problem(std::move(where), "this key does not fit below the line above it",
                   "check its indentation, and that the line above has ': ' behind its key");
  }
  if (parser_message.starts_with("end of map not found") && !is_blank(before))
    return problem(std::move(where), "text behind the end of a value",
                   "put quotes around the whole text");
  for (const Explanation& known : kExplanations)
    if (parser_message.starts_with(known.parser_message))
      return problem(std::move(where), known.message, known.hint);
  return problem(std::move(where), "not YAML: " + std::string(parser_message), "");
}

}  // namespace tallymill
