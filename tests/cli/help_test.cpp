#include <doctest/doctest.h>

#include "cli/help_text.h"
#include "command_line.h"

using namespace tallymill;

TEST_CASE("help: lists every command with its summary") {
  const CommandOutcome outcome = run_tallymill({"help"});
  CHECK(outcome.exit == 0);
  Registry<Command> commands;
  register_all_commands(commands);
  CHECK(outcome.out == help_overview(commands));
  for (const auto& [name, command] : commands)
    CHECK(outcome.out.find("  " + name + " ") != std::string::npos);
  CHECK(run_tallymill({"--help"}).out == outcome.out);
}

TEST_CASE("help: explains one command as its --help does") {
  const CommandOutcome outcome = run_tallymill({"help", "plan"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out == run_tallymill({"plan", "--help"}).out);
  CHECK(outcome.out.find("Example:\n  tallymill plan ") != std::string::npos);
}

TEST_CASE("help: an unknown command is answered with the nearest one") {
  const CommandOutcome outcome = run_tallymill({"help", "plam"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: unknown command 'plam'; did you mean 'plan'?\n");
}

TEST_CASE("help: the version is one line") {
  CHECK(run_tallymill({"--version"}).out == "tallymill " + std::string(kVersion) + "\n");
}
