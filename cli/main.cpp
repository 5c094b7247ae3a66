#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "cli/application.h"

int main(int argc, char** argv) {
  using namespace tallymill;
  Registry<Command> commands;
  register_all_commands(commands);
  const Terminal terminal{std::cout, std::cerr, isatty(STDOUT_FILENO) == 1,
                          isatty(STDERR_FILENO) == 1};
  return run_application(commands, std::vector<std::string>(argv + 1, argv + argc), terminal);
}
