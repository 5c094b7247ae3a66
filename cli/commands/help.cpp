#include "cli/help_text.h"
#include "cli/invocation.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

Exit run_help(const Invocation& invocation) {
  const std::vector<std::string> words = invocation.texts("COMMAND");
  if (words.empty()) {
    invocation.out() << help_overview(invocation.commands());
    return Exit::ok;
  }
  const std::string name = join(words, " ");
  const Command* command = invocation.commands().find(name);
  if (!command) {
    std::string message = "unknown command '" + name + "'; ";
    const std::string meant = did_you_mean(name, invocation.commands().names());
    throw Error(ErrorClass::config,
                message + (meant.empty() ? "'tallymill help' lists the commands" : meant));
  }
  invocation.out() << command_help(*command);
  return Exit::ok;
}

}  // namespace

void register_help(Registry<Command>& commands) {
  commands.add({
      .name = "help",
      .summary = "Lists the commands, or explains one.",
      .example = "tallymill help plan",
      .arguments = {{"COMMAND", "The command to explain.", false, true}},
      .run = run_help,
      .in_workspace = false,
  });
}

}  // namespace tallymill
