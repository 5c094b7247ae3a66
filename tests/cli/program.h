#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "../scheduler/fixtures.h"
#include "core/files.h"
#include "core/json.h"

namespace tallymill {

/// How a process ended and what it said.
struct ProgramEnd {
  int exit = 0;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;
};

/// A workspace in a folder of its own, and the real `tallymill` beside the test program run in it.
class ProgramFixture {
 public:
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((folder_ / file).parent_path());
    write_file_durably(folder_ / file, text);
  }
  const std::filesystem::path& root() const { return folder_.path(); }
  std::filesystem::path state() const { return folder_ / ".tallymill"; }

  /// Variables NAME=VALUE for every program started from now on.
  void set_environment(std::vector<std::string> variables) { variables_ = std::move(variables); }

  ProgramEnd run(std::vector<std::string> arguments) { return wait(start(std::move(arguments))); }

  /// Starts `tallymill ARGUMENTS` in the workspace with its output in files; `name` tells the files
  /// of programs apart that run at the same time.
  pid_t start(std::vector<std::string> arguments, const std::string& name = "program") {
    arguments.insert(arguments.begin(), (executable_folder() / "tallymill").string());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::vector<char*> environment;
    for (char** variable = environ; *variable; ++variable) environment.push_back(*variable);
    for (std::string& variable : variables_) environment.push_back(variable.data());
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, said(name, "out").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, said(name, "err").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, root().c_str());
    pid_t pid = 0;
    if (::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment.data()) != 0)
      pid = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
  }
  ProgramEnd wait(pid_t pid, const std::string& name = "program") {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            read_file(said(name, "out")), read_file(said(name, "err"))};
  }
  /// What a program that still runs has said so far.
  std::string said_so_far(const std::string& name, const std::string& stream) const {
    const auto file = said(name, stream);
    return std::filesystem::exists(file) ? read_file(file) : std::string();
  }

 private:
  std::filesystem::path said(const std::string& name, const std::string& stream) const {
    return outputs_ / (name + "." + stream);
  }

  TemporaryFolder folder_;
  TemporaryFolder outputs_;
  std::vector<std::string> variables_;
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Waits up to 20 s for something to become true.
template <class Claim>
bool soon(Claim claim) {
  for (int i = 0; i < 2000; ++i) {
    if (claim()) return true;
    ::usleep(10'000);
  }
  return claim();
}

}  // namespace tallymill
