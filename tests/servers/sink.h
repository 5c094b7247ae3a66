#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "tests/temporary_folder.h"

namespace tallymill {

/// A running notification_sink, ended with this object (by its process id).
class Sink {
 public:
  explicit Sink(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{(executable_folder() / "notification_sink").string(),
                                   folder_.path().string()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&pid_, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
      pid_ = -1;
    while (pid_ > 0 && !std::filesystem::exists(folder_ / "ports")) ::usleep(2000);
    std::istringstream(read_file(folder_ / "ports")) >> http_ >> smtp_;
  }
  ~Sink() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(http_); }
  std::string mail_server() const { return "smtp://127.0.0.1:" + std::to_string(smtp_); }

  /// What it has kept so far, in order of arrival; `ending`: .http, .eml or .refused.
  std::vector<std::string> kept(const std::string& ending) const {
    std::vector<std::string> messages;
    for (int i = 1; i < 200; ++i) {
      const auto file = folder_ / (std::to_string(i) + ending);
      if (std::filesystem::exists(file)) messages.push_back(read_file(file));
    }
    return messages;
  }
  std::vector<std::string> posts() const { return kept(".http"); }
  std::vector<std::string> mails() const { return kept(".eml"); }

 private:
  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int http_ = 0;
  int smtp_ = 0;
};

}  // namespace tallymill
