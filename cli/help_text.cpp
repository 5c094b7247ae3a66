#include "cli/help_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "cli/invocation.h"

namespace tallymill {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Two columns, the left one as wide as its widest entry.
std::string two_columns(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  std::string text;
  for (const auto& [left, right] : rows)
    text += "  " + left + std::string(width - left.size() + 2, ' ') + right + "\n";
  return text;
}

std::string flag_text(const Flag& flag) {
  std::string text = "--" + flag.name;
  if (!flag.value.empty()) text += " " + flag.value;
  return text;
}

std::string bracketed(const std::string& text, bool required, bool repeated) {
  const std::string body = repeated ? text + "..." : text;
  return required ? body : "[" + body + "]";
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string line = "tallymill " + command.name;
  for (const Argument& argument : command.arguments)
    line += " " + bracketed(argument.name, argument.required, argument.repeated);
  for (const Flag& flag : command.flags)
    line += " " + bracketed(flag_text(flag), flag.required, flag.repeated);
  return line;
}

std::string command_help(const Command& command) {
  std::string text = command.summary + "\n\nUsage: " + usage_line(command) + "\n";
  Rows rows;
  for (const Argument& argument : command.arguments)
    rows.emplace_back(argument.name, argument.summary);
  if (!rows.empty()) text += "\nArguments:\n" + two_columns(rows);
  rows.clear();
  for (const Flag& flag : all_flags(command)) {
    const std::string letter = flag.letter == '\0' ? "" : std::string("-") + flag.letter + ", ";
    rows.emplace_back(letter + flag_text(flag), flag.summary);
  }
  text += "\nOptions:\n" + two_columns(rows);
  return text + "\nExample:\n  " + command.example + "\n";
}

std::string help_overview(const Registry<Command>& commands) {
  std::string text =
      "Tallymill runs a business's nightly and month-end books.\n\n"
      "Usage: tallymill COMMAND [ARGUMENTS]\n\nCommands:\n";
  Rows rows;
  for (const auto& [name, command] : commands) rows.emplace_back(name, command.summary);
  text += two_columns(rows);
  text +=
      "\n'tallymill COMMAND --help' shows a command's options and an example.\n"
      "Exit codes: 0 all well, 1 a job could not run, 2 wrong usage or files, 3 findings,\n"
      "4 waiting for input, 130 interrupted.\n";
  return text;
}

}  // namespace tallymill
