#include "cli/application.h"

#include <doctest/doctest.h>

#include "cli/help_text.h"
#include "command_line.h"
#include "core/error.h"

using namespace tallymill;

namespace {

Command command(const std::string& name, std::function<Exit(const Invocation&)> run) {
  return {.name = name,
          .summary = "Does " + name + ".",
          .example = "tallymill " + name,
          .run = std::move(run),
          .in_workspace = false};
}

/// Commands that print what they were given.
Registry<Command> sample() {
  Registry<Command> commands;
  Command copy = command("copy", [](const Invocation& invocation) {
    invocation.out() << "from " << invocation.text("FROM") << " to";
    for (const std::string& target : invocation.texts("TO")) invocation.out() << " " << target;
    invocation.out() << ", limit " << invocation.integer("limit", 10, 1)
                     << (invocation.has("force") ? ", forced" : "") << "\n";
    for (const std::string& tag : invocation.texts("tag")) invocation.out() << tag << "\n";
    return Exit::ok;
  });
  copy.arguments = {{"FROM", "The source."}, {"TO", "The targets.", false, true}};
  copy.flags = {{.name = "limit", .value = "N", .summary = "At most so many."},
                {.name = "force", .summary = "Whatever is there.", .letter = 'f'},
                {.name = "tag", .value = "TAG", .summary = "A label.", .repeated = true}};
  commands.add(copy);
  commands.add(command("rules test", [](const Invocation&) { return Exit::findings; }));
  commands.add(command("rules try", [](const Invocation&) { return Exit::waiting; }));
  return commands;
}

CommandOutcome run(const std::vector<std::string>& arguments) {
  return run_command(sample(), arguments);
}

}  // namespace

TEST_CASE("application: arguments and flags arrive by their declared names") {
  CHECK(run({"copy", "a"}).out == "from a to, limit 10\n");
  CHECK(run({"copy", "a", "-f", "b", "c", "--limit=3", "--tag", "x", "--tag", "y"}).out ==
        "from a to b c, limit 3, forced\nx\ny\n");
  CHECK(run({"copy", "--", "--a"}).out == "from --a to, limit 10\n");
}

TEST_CASE("application: two words may name a command, and its exit code counts") {
  CHECK(run({"rules", "test"}).exit == 3);
  CHECK(run({"rules", "try"}).exit == 4);
}

TEST_CASE("application: an unknown command is answered with the nearest one") {
  const CommandOutcome outcome = run({"cpoy"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "error: unknown command 'cpoy'; did you mean 'copy'?\n");
  CHECK(run({"rules", "tset"}).err ==
        "error: unknown command 'rules tset'; did you mean 'rules test'?\n");
  CHECK(run({"nothing_near"}).err ==
        "error: unknown command 'nothing_near'; 'tallymill help' lists the commands\n");
  CHECK(run({"rules"}).err ==
        "error: 'rules' is not complete; it starts 'rules test', 'rules try'\n");
}

TEST_CASE("application: wrong usage says what is wrong and where help is") {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandOutcome outcome = run(arguments);
    CHECK(outcome.exit == 2);
    return outcome.err;
  };
  CHECK(error({"copy"}) == "error: argument FROM is missing; see 'tallymill copy --help'\n");
  CHECK(error({"rules", "test", "x"}) ==
        "error: unexpected argument 'x'; see 'tallymill rules test --help'\n");
  CHECK(error({"copy", "a", "--limt", "3"}) ==
        "error: unknown option '--limt'; did you mean '--limit'?; see 'tallymill copy --help'\n");
  CHECK(error({"copy", "a", "--nothing"}) ==
        "error: unknown option '--nothing'; see 'tallymill copy --help'\n");
  CHECK(error({"copy", "a", "--limit"}) ==
        "error: option '--limit' needs a value; see 'tallymill copy --help'\n");
  CHECK(error({"copy", "a", "--force=yes"}) ==
        "error: option '--force' takes no value; see 'tallymill copy --help'\n");
  CHECK(error({"copy", "a", "--limit", "3", "--limit", "4"}) ==
        "error: option '--limit' is given more than once; see 'tallymill copy --help'\n");
  CHECK(error({"copy", "a", "--limit", "0"}) ==
        "error: option '--limit' must be a whole number of at least 1, got '0'; see 'tallymill "
        "copy --help'\n");
}

TEST_CASE("application: help lists the commands, --help explains one") {
  const CommandOutcome none = run({});
  CHECK(none.exit == 2);
  CHECK(none.err == help_overview(sample()));
  CHECK(help_overview(sample()).find("  rules test  Does rules test.\n") != std::string::npos);
  const CommandOutcome help = run({"copy", "--help"});
  CHECK(help.exit == 0);
  CHECK(help.out ==
        "Does copy.\n\n"
        "Usage: tallymill copy FROM [TO...] [--limit N] [--force] [--tag TAG...]\n\n"
        "Arguments:\n"
        "  FROM  The source.\n"
        "  TO    The targets.\n\n"
        "Options:\n"
        "  --limit N    At most so many.\n"
        "  -f, --force  Whatever is there.\n"
        "  --tag TAG    A label.\n"
        "  -h, --help   Print this help.\n\n"
        "Example:\n"
        "  tallymill copy\n");
}

TEST_CASE("application: the class of an error decides the exit code") {
  Registry<Command> commands;
  commands.add(command("config", [](const Invocation&) -> Exit {
    throw Error(ErrorClass::config, "no such graph");
  }));
  commands.add(command("data", [](const Invocation&) -> Exit {
    Error error(ErrorClass::data, "the books do not close");
    error.add_context("running job 'a'");
    throw error;
  }));
  commands.add(command("bug", [](const Invocation&) -> Exit { throw std::logic_error("oops"); }));
  commands.add(command("invalid", [](const Invocation&) -> Exit {
    Diagnostics diagnostics;
    diagnostics.error({"g.yaml", 1, 1}, "wrong");
    throw InvalidInput(diagnostics);
  }));
  CHECK(run_command(commands, {"config"}).exit == 2);
  const CommandOutcome data = run_command(commands, {"data"});
  CHECK(data.exit == 1);
  CHECK(data.err == "error: the books do not close\n  while running job 'a'\n");
  CHECK(run_command(commands, {"bug"}).exit == 1);
  const CommandOutcome invalid = run_command(commands, {"invalid"});
  CHECK(invalid.exit == 2);
  CHECK(invalid.err == "g.yaml:1:1: error: wrong\n");
}

TEST_CASE("application: messages are coloured on a terminal only") {
  Registry<Command> commands;
  commands.add(command("invalid", [](const Invocation&) -> Exit {
    Diagnostics diagnostics;
    diagnostics.add_source("g.yaml", std::make_shared<const std::string>("grph: g\n"));
    diagnostics.error({"g.yaml", 1, 1, 4}, "unknown option: 'grph'");
    throw InvalidInput(diagnostics);
  }));
  CHECK(run_command(commands, {"invalid"}, true).err ==
        "\033[1mg.yaml:1:1: \033[1;31merror: \033[0munknown option: 'grph'\n"
        "    1 | grph: g\n"
        "      | \033[32m^~~~\033[0m\n");
}

TEST_CASE("commands: each has a summary, an example that names it, and a test") {
  Registry<Command> commands;
  register_all_commands(commands);
  for (const auto& [name, command] : commands) {
    CAPTURE(name);
    CHECK(command.summary.ends_with("."));
    CHECK(command.example.starts_with("tallymill " + name));
    CHECK(command.run);
  }
}
