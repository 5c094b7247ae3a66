#include "scheduler/reader_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/executors/pidfd.h"
#include "scheduler/executors/spawn_setup.h"

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 6> kShown{"audit",  "datasets", "logs",
                                                 "report", "status",   "why"};

/// Flags of theirs that write files, as this process's user, or show rows.
constexpr std::array<std::string_view, 3> kNotShown{"--html", "--junit", "--sample"};

void require_shown(const std::vector<std::string>& arguments) {
  if (arguments.empty() || std::find(kShown.begin(), kShown.end(), arguments[0]) == kShown.end())
    throw Error(ErrorClass::config, "'" + (arguments.empty() ? "" : arguments[0]) +
                                        "' is not shown to people who may not read the state "
                                        "folder; these are: " +
                                        ReaderProcess::shown_commands());
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--workspace"))
      throw Error(ErrorClass::config, "a scheduler shows its own workspace and no other");
    for (const std::string_view flag : kNotShown)
      if (argument.starts_with(flag))
        throw Error(ErrorClass::config,
                    std::string(flag) +
                        " writes a file or shows rows, which only those can have who may read the "
                        "state folder; leave it out");
  }
}

}  // namespace

std::string ReaderProcess::shown_commands() {
  return join(std::vector<std::string>(kShown.begin(), kShown.end()), ", ");
}

ReaderProcess::ReaderProcess(const std::filesystem::path& workspace,
                             const std::vector<std::string>& arguments, const UniqueFd& out,
                             const UniqueFd& err) {
  require_shown(arguments);
  std::vector<std::string> texts{(executable_folder() / "tallymill").string()};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  texts.insert(texts.end(), {"--workspace", workspace.string()});
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  SpawnSetup setup(true);
  ::posix_spawn_file_actions_addopen(setup.actions(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(setup.actions(), out.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(setup.actions(), err.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(setup.actions(), STDERR_FILENO + 1);
  const int code =
      ::posix_spawn(&pid_, argv[0], setup.actions(), setup.attributes(), argv.data(), environ);
  if (code != 0) {
    pid_ = 0;
    throw Error(ErrorClass::config, "cannot start '" + texts[0] + "': " + std::strerror(code));
  }
  pidfd_ = UniqueFd(::pidfd_open(pid_, 0));
}

ReaderProcess::~ReaderProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

int ReaderProcess::collect() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tallymill
