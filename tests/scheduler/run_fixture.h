#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "scheduler/state_folder.h"
#include "scheduler/store.h"
#include "tests/scheduler/fixtures.h"

namespace tallymill {

/// How a process of run_probe ended and what it said.
struct ProbeEnd {
  int exit = 0;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;
};

/// A workspace on disk whose graphs run in real processes: run_probe and its test_workers.
class RunFixture {
 public:
  RunFixture() { write("tallymill.yaml", "workspace: test\nslots: 2\n"); }

  void write(const std::string& path, const std::string& text) {
    const auto file = scratch_ / path;
    std::filesystem::create_directories(file.parent_path());
    write_file_durably(file, text);
  }
  /// graphs/<name>.yaml with a monthly period and these jobs.
  void graph(const std::string& name, const std::string& jobs, const std::string& more = {}) {
    write("graphs/" + name + ".yaml",
          "graph: " + name + "\nperiod: month\n" + more + "jobs:\n" + jobs);
  }

  std::filesystem::path root() const { return scratch_.path(); }
  std::filesystem::path state() const { return scratch_.path() / ".tallymill"; }

  pid_t start(const std::vector<std::string>& arguments, int crash_at = 0) {
    std::vector<std::string> words{(executable_folder() / "run_probe").string(), root().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return start_program(words, crash_at);
  }
  /// Any program, its output in this fixture's `out` and `err`.
  pid_t start_program(std::vector<std::string> words, int crash_at = 0) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, 1, (root() / "out").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, (root() / "err").c_str(), flags, 0600);
    ::setenv("TALLYMILL_CRASH_AT", std::to_string(crash_at).c_str(), 1);
    pid_t pid = 0;
    if (::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
  }
  ProbeEnd wait(pid_t pid) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            read_file(root() / "out"), read_file(root() / "err")};
  }
  ProbeEnd run(const std::string& graph = "g", const std::vector<std::string>& more = {},
               int crash_at = 0) {
    std::vector<std::string> arguments{graph, "2026-01"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return wait(start(arguments, crash_at));
  }

  /// Runs graph g and kills the scheduler, not its workers, as soon as `path` exists.
  ProbeEnd kill_at(const std::string& path) {
    const pid_t probe = start({"g", "2026-01"});
    wait_for(path);
    ::kill(probe, SIGKILL);
    return wait(probe);
  }

  /// How many attempts of a job have begun to work.
  int tries(const std::string& job) const {
    const auto file = root() / "marks" / job;
    if (!std::filesystem::exists(file)) return 0;
    const std::string text = read_file(file);
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }
  /// Until the folder stands, or the file and something in it: a worker may be between making its
  /// mark's file and writing it.
  void wait_for(const std::string& path) const {
    const auto stands = [file = root() / path] {
      std::error_code gone;
      if (std::filesystem::is_directory(file, gone)) return true;
      const auto size = std::filesystem::file_size(file, gone);
      return !gone && size > 0;
    };
    while (!stands()) ::usleep(2000);
  }

  StoreView view() const { return StoreView::open(state() / "store.db").value(); }
  std::filesystem::path folder_of(const VersionRecord& version) const {
    return StateFolder(state()).version(version.dataset, version.period, version.partition,
                                        version.id);
  }
  /// Dataset -> digest of everything visible, after checking that it stands on disk.
  std::map<std::string, std::string> visible() const {
    std::map<std::string, std::string> digests;
    for (const VersionRecord& version : view().versions("")) {
      const bool stands = std::filesystem::exists(folder_of(version) / "data.txt");
      digests[version.dataset] = stands ? version.digest : "missing on disk";
    }
    return digests;
  }
  /// Version folders on disk, published or not.
  int folders_on_disk() const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(state() / "datasets"))
      count += entry.path().filename() == "data.txt";
    return count;
  }

 private:
  TemporaryFolder scratch_;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace tallymill
