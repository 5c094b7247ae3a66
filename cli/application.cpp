#include "cli/application.h"

#include <filesystem>
#include <sstream>

#include "cli/help_text.h"
#include "core/disk_space.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[1;31m";
constexpr std::string_view kYellow = "\033[1;33m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kPlain = "\033[0m";

/// Colours the severity word of a message line, and caret lines; other lines stay as they are.
std::string coloured_line(const std::string& line) {
  for (const auto& [word, colour] : {std::pair{"error: ", kRed}, {"warning: ", kYellow}}) {
    const std::size_t at = line.find(word);
    if (at == std::string::npos || (at != 0 && line.compare(at - 2, 2, ": ") != 0)) continue;
    const std::size_t end = at + std::string_view(word).size();
    return std::string(kBold) + line.substr(0, at) + std::string(colour) +
           line.substr(at, end - at) + std::string(kPlain) + line.substr(end);
  }
  const std::size_t caret = line.find('^');
  if (caret == std::string::npos || line.find_first_not_of(" |^~") != std::string::npos)
    return line;
  return line.substr(0, caret) + std::string(kGreen) + line.substr(caret) + std::string(kPlain);
}

void print_message(const std::string& text, const Terminal& terminal) {
  if (!terminal.err_is_terminal) {
    terminal.err << text;
    return;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) terminal.err << coloured_line(line) << '\n';
}

/// How many words of `arguments` name a command: "rules test" before "rules"; 0 if none do.
std::size_t command_words(const Registry<Command>& commands,
                          const std::vector<std::string>& arguments) {
  if (arguments.size() > 1 && commands.find(arguments[0] + " " + arguments[1])) return 2;
  return commands.find(arguments[0]) ? 1 : 0;
}

/// What the user probably took for a command: the second word counts where the first one starts
/// commands of two words.
std::string attempted_name(const Registry<Command>& commands,
                           const std::vector<std::string>& arguments) {
  const std::string group = arguments[0] + " ";
  for (const std::string& name : commands.names())
    if (name.starts_with(group) && arguments.size() > 1 && !arguments[1].starts_with('-'))
      return group + arguments[1];
  return arguments[0];
}

[[noreturn]] void throw_unknown_command(const Registry<Command>& commands,
                                        const std::vector<std::string>& arguments) {
  const std::string name = attempted_name(commands, arguments);
  std::vector<std::string> members;
  for (const std::string& candidate : commands.names())
    if (candidate.starts_with(name + " ")) members.push_back("'" + candidate + "'");
  if (!members.empty())
    throw Error(ErrorClass::config,
                "'" + name + "' is not complete; it starts " + join(members, ", "));
  std::string message = "unknown command '" + name + "'; ";
  const std::string meant = did_you_mean(name, commands.names());
  message += meant.empty() ? "'tallymill help' lists the commands" : meant;
  throw Error(ErrorClass::config, message);
}

Exit dispatch(const Registry<Command>& commands, std::vector<std::string> arguments,
              const Terminal& terminal) {
  if (arguments.empty()) {
    terminal.err << help_overview(commands);
    return Exit::usage;
  }
  if (arguments[0] == "--help" || arguments[0] == "-h") arguments[0] = "help";
  if (arguments[0] == "--version") {
    terminal.out << "tallymill " << kVersion << '\n';
    return Exit::ok;
  }
  const std::size_t words = command_words(commands, arguments);
  if (words == 0) throw_unknown_command(commands, arguments);
  const Command& command =
      *commands.find(words == 2 ? arguments[0] + " " + arguments[1] : arguments[0]);
  arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(words));
  const Invocation invocation(command, commands, arguments, terminal);
  if (invocation.wants_help()) {
    terminal.out << command_help(command);
    return Exit::ok;
  }
  return command.run(invocation);
}

}  // namespace

void print_diagnostics(const Diagnostics& diagnostics, const Terminal& terminal) {
  print_message(diagnostics.render(), terminal);
}

int run_application(const Registry<Command>& commands, const std::vector<std::string>& arguments,
                    const Terminal& terminal) {
  Exit exit = Exit::failed;
  try {
    exit = dispatch(commands, arguments, terminal);
  } catch (const InvalidInput& invalid) {
    print_diagnostics(invalid.diagnostics(), terminal);
    exit = Exit::usage;
  } catch (const Error& error) {
    print_message(std::string(error.what()) + "\n", terminal);
    exit = error.error_class() == ErrorClass::config ? Exit::usage : Exit::failed;
  } catch (const std::filesystem::filesystem_error& error) {
    print_message(std::string(file_problem(error).what()) + "\n", terminal);
  } catch (const std::exception& error) {
    print_message(std::string("error: ") + error.what() +
                      "\n  this is a bug of tallymill; please report it with the command line\n",
                  terminal);
  }
  terminal.out.flush();
  terminal.err.flush();
  return static_cast<int>(exit);
}

}  // namespace tallymill
