#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "courier/errand.h"

// glibc 2.36 declares it without C linkage.
extern "C" {
#include <sys/pidfd.h>
}

namespace tallymill {
namespace {

constexpr std::size_t kMostSaid = 400;  ///< of a failed program's output, the end of it

UniqueFd memory_file(const char* name) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file.is_open())
    throw Error(ErrorClass::transient,
                std::string("no memory for a file: ") + std::strerror(errno));
  return file;
}

/// The message on its input, what it says in `output`, a process group of its own.
pid_t start(const std::vector<std::string>& words, const Errand& errand, int input, int output) {
  std::vector<std::string> strings = words;
  std::vector<char*> arguments;
  for (std::string& word : strings) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> more{"TALLYMILL_NOTIFICATION=" + errand.id,
                                "TALLYMILL_KIND=" + json_text(errand.message, "kind"),
                                "TALLYMILL_RUN=" + json_text(errand.message, "run"),
                                "TALLYMILL_TEXT=" + subject_line(errand)};
  std::vector<char*> environment;
  for (char** variable = environ; *variable; ++variable) environment.push_back(*variable);
  for (std::string& variable : more) environment.push_back(variable.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  ::posix_spawn_file_actions_addchdir_np(&actions, errand.workspace.c_str());
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int code = ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(),
                                  environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (code != 0)
    throw Error(code == EAGAIN || code == ENOMEM ? ErrorClass::transient : ErrorClass::config,
                "cannot start '" + words[0] + "': " + std::strerror(code));
  return pid;
}

/// The end of what a program said, on one line.
std::string said(const UniqueFd& output) {
  const off_t size = ::lseek(output.get(), 0, SEEK_END);
  const off_t from =
      size > static_cast<off_t>(kMostSaid) ? size - static_cast<off_t>(kMostSaid) : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t read = ::pread(output.get(), text.data(), text.size(), from);
  text.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  const std::string_view words = trim(text);
  return words.empty() || !is_valid_utf8(words) ? "" : ": " + std::string(words);
}

}  // namespace

void run_command(const Errand& errand) {
  std::vector<std::string> words;
  for (const json::value& word : json_at(errand.channel, "run").as_array())
    words.emplace_back(word.as_string());
  if (words.empty()) throw Error(ErrorClass::config, "the channel names no program");
  const UniqueFd input = memory_file("message");
  const UniqueFd output = memory_file("output");
  write_all(input, json::serialize(message_document(errand)) + "\n", "the message");
  ::lseek(input.get(), 0, SEEK_SET);
  const pid_t pid = start(words, errand, input.get(), output.get());
  const UniqueFd pidfd(::pidfd_open(pid, 0));
  pollfd wait{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  const bool ended = ::poll(&wait, 1, static_cast<int>(errand.timeout.count())) > 0;
  ::kill(-pid, SIGKILL);  // whatever it left behind ends with it
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!ended)
    throw Error(ErrorClass::transient,
                "'" + words[0] + "' took longer than " + format_duration(errand.timeout));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw Error(ErrorClass::transient,
              "'" + words[0] + "' ended with " +
                  (WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                       : "exit " + std::to_string(WEXITSTATUS(status))) +
                  said(output));
}

}  // namespace tallymill
