#include "tests/crash/lab.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/files.h"
#include "scheduler/executors/pidfd.h"
#include "scheduler/store.h"
#include "tests/crash/checker.h"
#include "tests/crash/sql_file.h"

namespace tallymill::crash {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// No scenario works for a tenth of this; a process that is still there is stuck.
constexpr auto kStuck = 60s;

/// The processes that `parent` has started and not reaped.
std::vector<pid_t> children_of(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream in("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

std::string name_of(Round::Kind kind) {
  switch (kind) {
    case Round::Kind::run:
      return "run";
    case Round::Kind::fix:
      return "fix";
    case Round::Kind::edit:
      return "edit";
    case Round::Kind::force:
      return "force";
    case Round::Kind::rerun_failed:
      break;
  }
  return "rerun";
}

}  // namespace

Lab::Lab(fs::path folder, fs::path programs, Tally& tally)
    : root_(folder / "workspace"),
      snapshot_(folder / "snapshot"),
      programs_(std::move(programs)),
      tally_(tally) {
  remove(folder);
  fs::create_directories(folder);
}

void Lab::write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string Lab::text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void Lab::remove(const fs::path& folder) {
  std::error_code ignored;
  // Version folders are read-only.
  for (fs::recursive_directory_iterator it(folder, ignored), end; it != end; it.increment(ignored))
    if (it->is_directory(ignored)) fs::permissions(it->path(), fs::perms::owner_all, ignored);
  fs::remove_all(folder, ignored);
}

void Lab::copy(const fs::path& from, const fs::path& to) {
  remove(to);
  // cp keeps the modes of read-only folders and can still fill them.
  std::vector<std::string> words{"/bin/cp", "-a", from.string(), to.string()};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  int status = 0;
  if (::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0 ||
      ::waitpid(pid, &status, 0) != pid || status != 0)
    problem("the lab cannot copy its workspace");
}

void Lab::problem(const std::string& text) { tally_.problems.push_back(story_ + ": " + text); }

void Lab::write_graphs(const Scenario& scenario) {
  for (const LabGraph& graph : scenario.graphs)
    write(root_ / "graphs" / (graph.name + ".yaml"), scenario.graph_yaml(graph));
}

void Lab::lay_out(const Scenario& scenario) {
  remove(root_);
  acknowledged_.clear();
  write(root_ / "tallymill.yaml", scenario.workspace_yaml());
  write_graphs(scenario);
}

bool Lab::prepare(const Round& round, Scenario& scenario) {
  if (round.kind == Round::Kind::fix) {
    scenario.fixed = true;
    write(root_ / "fixed", "");
    write_graphs(scenario);
    return false;
  }
  if (round.kind == Round::Kind::edit) {
    LabGraph& graph = scenario.graphs[static_cast<std::size_t>(round.graph)];
    graph.jobs[static_cast<std::size_t>(round.job)].text += "+";
    write_graphs(scenario);
  }
  return true;
}

std::vector<std::string> Lab::words(const Round& round, const Scenario& scenario) const {
  std::vector<std::string> words{scenario.graphs[static_cast<std::size_t>(round.graph)].name,
                                 kPeriod};
  if (round.kind == Round::Kind::force) words.emplace_back("force");
  if (round.kind == Round::Kind::rerun_failed) words.emplace_back("rerun");
  return words;
}

pid_t Lab::start(const std::string& program, const std::vector<std::string>& words, int crash_at) {
  std::vector<std::string> all{(programs_ / program).string(), root_.string()};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, 1, (root_ / "out").c_str(), flags, 0600);
  ::posix_spawn_file_actions_addopen(&actions, 2, (root_ / "err").c_str(), flags, 0600);
  ::setenv("TALLYMILL_CRASH_AT", std::to_string(crash_at).c_str(), 1);
  pid_t process = 0;
  if (::posix_spawn(&process, argv[0], &actions, nullptr, argv.data(), environ) != 0) {
    process = -1;
    problem("cannot start " + all[0]);
  }
  ::posix_spawn_file_actions_destroy(&actions);
  return process;
}

Lab::End Lab::wait(pid_t process, std::chrono::milliseconds limit) {
  const UniqueFd handle(::pidfd_open(process, 0));
  pollfd end{.fd = handle.get(), .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, static_cast<int>(limit.count())) == 0) return {.timed_out = true};
  int status = 0;
  ::waitpid(process, &status, 0);
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

void Lab::remember_acknowledged() {
  std::istringstream out(text_of(root_ / "out"));
  for (std::string line; std::getline(out, line);)
    for (const std::string start : {"starts ", "goes on "})
      // A line without its end was not told.
      if (line.starts_with(start) && !out.eof()) {
        const std::string run = line.substr(start.size());
        if (std::find(acknowledged_.begin(), acknowledged_.end(), run) == acknowledged_.end())
          acknowledged_.push_back(run);
      }
}

int Lab::run(const std::vector<std::string>& words, int crash_at) {
  const pid_t process = start("run_probe", words, crash_at);
  if (process < 0) return -1;
  End end = wait(process, kStuck);
  if (end.timed_out) {
    ::kill(process, SIGKILL);
    end = wait(process, kStuck);
    problem("stuck: " + words[0] + " did not end within a minute");
  }
  remember_acknowledged();
  return end.code;
}

bool Lab::kill_worker(pid_t scheduler, Dice& dice) {
  std::vector<pid_t> workers = children_of(scheduler);
  // A leak checker reads its process through a child: killing that one hangs its parent for ever.
  std::erase_if(workers, [&](pid_t child) {
    std::error_code gone;
    return fs::read_symlink("/proc/" + std::to_string(child) + "/exe", gone).filename() !=
           "test_worker";
  });
  if (workers.empty()) return false;
  const pid_t worker =
      workers[static_cast<std::size_t>(dice.roll(static_cast<int>(workers.size())))];
  if (dice.chance(50)) return kill_finished_worker(scheduler, worker);
  if (::kill(worker, SIGKILL) != 0) return false;
  ++tally_.points;
  ++tally_.of_workers;
  return true;
}

bool Lab::kill_finished_worker(pid_t scheduler, pid_t worker) {
  // The scheduler stands still, so that it cannot collect the result before the worker is dead.
  ::kill(scheduler, SIGSTOP);
  std::ifstream words("/proc/" + std::to_string(worker) + "/cmdline", std::ios::binary);
  std::string folder;
  std::getline(words, folder, '\0');
  std::getline(words, folder, '\0');
  bool is_killed = false;
  for (int tries = 0; tries < 100 && !folder.empty() && !is_killed; ++tries) {
    if (fs::exists(fs::path(folder) / "result.json")) {
      // An ended one is not reaped, so the id is still its own.
      const bool lives = fs::exists("/proc/" + std::to_string(worker) + "/exe");
      is_killed = ::kill(worker, SIGKILL) == 0 && lives;
      break;
    }
    std::this_thread::sleep_for(200us);
  }
  ::kill(scheduler, SIGCONT);
  if (!is_killed) return false;
  ++tally_.points;
  ++tally_.of_workers;
  ++tally_.of_finished;
  return true;
}

int Lab::run_and_kill(const std::vector<std::string>& words, Dice& dice) {
  const bool of_worker = dice.chance(40);
  const auto instant = std::chrono::microseconds(dice.roll(of_worker ? 30'000 : 50'000));
  const pid_t process = start("run_probe", words, 0);
  if (process < 0) return -1;
  std::this_thread::sleep_for(instant);
  if (of_worker)
    kill_worker(process, dice);
  else
    ::kill(process, SIGKILL);  // it is not reaped: at worst it has just ended by itself
  End end = wait(process, kStuck);
  if (end.timed_out) {
    ::kill(process, SIGKILL);
    end = wait(process, kStuck);
    problem("stuck: " + words[0] + " did not end within a minute");
  }
  remember_acknowledged();
  if (end.code != kKilled) return end.code;
  ++tally_.points;
  ++tally_.at_instants;
  return kKilled;
}

void Lab::after_kill(const std::string& what) {
  story_ += what;
  // A child that has not become a worker yet holds what its dead parent held, for an instant.
  const fs::path lock = root_ / ".tallymill/lock";
  const auto until = std::chrono::steady_clock::now() + 5s;
  while (FileLock::is_held(lock))
    if (std::chrono::steady_clock::now() > until) {
      problem("the lock of the state is still held");
      break;
    }
  for (const std::string& text : check_torn(root_ / ".tallymill", acknowledged_)) problem(text);
}

void Lab::recover(const Round& round, const Scenario& scenario, Dice& dice) {
  std::vector<std::string> words{scenario.graphs[static_cast<std::size_t>(round.graph)].name,
                                 kPeriod};
  if (round.graph > 0 && dice.chance(15)) {
    story_ += ", the other graph first";
    run({scenario.graphs.front().name, kPeriod}, 0);
  }
  if (dice.chance(40)) {
    const int point = 1 + dice.roll(40);
    if (run(words, point) == kKilled) {
      ++tally_.points;
      ++tally_.at_events;
      after_kill(", again at point " + std::to_string(point));
    }
  }
  if (dice.chance(15)) {
    story_ += ", given up";
    words.emplace_back("new");
  }
  const int code = run(words, 0);
  if (code != 0 && code != 1 && code != 3)
    problem("the next start ended with " + std::to_string(code) + ": " + text_of(root_ / "err"));
}

void Lab::require_no_orphans() {
  // Whoever loses its scheduler becomes our child (PR_SET_CHILD_SUBREAPER). One that has let go of
  // its lock may need an instant to be gone.
  const auto until = std::chrono::steady_clock::now() + 5s;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended < 0) return;
    if (ended > 0) continue;
    if (std::chrono::steady_clock::now() > until) break;
    std::this_thread::sleep_for(1ms);
  }
  for (const pid_t orphan : children_of(::getpid())) {
    problem("orphan process " + std::to_string(orphan));
    ::kill(orphan, SIGKILL);
    ::waitpid(orphan, nullptr, 0);
  }
}

void Lab::judge(const Round& round, const Scenario& scenario, Expectation& expected) {
  // The other graph may have run again on the way: that changes only what `fixed` changes.
  if (round.graph > 0 && story_.find("the other graph first") != std::string::npos)
    foresee(scenario, scenario.graphs.front(), kPeriod, expected);
  foresee(scenario, scenario.graphs[static_cast<std::size_t>(round.graph)], kPeriod, expected);
  judge_all(expected);
}

/// A run that ends waits a few seconds for its messages; on a busy machine that is not enough.
void Lab::deliver_rest(const fs::path& state) {
  const auto left = SqlFile(state / "store.db")
                        .rows("select count(*) from notification where state <> 'delivered'");
  if (left.at(0).at(0) != "0") run({"deliver", kPeriod}, 0);
}

void Lab::judge_all(const Expectation& expected) {
  ++tally_.checks;
  require_no_orphans();
  const fs::path state = root_ / ".tallymill";
  deliver_rest(state);
  for (const std::string& text : check_settled(state, acknowledged_, expected)) problem(text);
  Database store(state / "store.db", Database::Mode::write);
  const fs::path replayed = root_ / "replayed.db";
  fs::remove(replayed);
  const std::string different = replay_difference(store, replayed);
  if (!different.empty()) problem("table " + different + " is not what the chain says");
  for (const char* rest : {"", "-wal", "-shm"}) fs::remove(replayed.string() + rest);
}

void Lab::every_point(Scenario scenario, int first, int step, const std::function<bool()>& enough) {
  Dice dice(scenario.seed ^ 0xC0FFEEU);
  Expectation expected;
  lay_out(scenario);
  ++tally_.scenarios;
  for (std::size_t i = 0; i < scenario.rounds.size(); ++i) {
    const Round& round = scenario.rounds[i];
    if (!prepare(round, scenario)) continue;
    const std::string place = "seed " + std::to_string(scenario.seed) + ", round " +
                              std::to_string(i + 1) + " (" + name_of(round.kind) + ")";
    copy(root_, snapshot_);
    const std::vector<std::string> told = acknowledged_;
    const Expectation before = expected;
    for (int point = first;; point += step) {
      story_ = place;
      const bool killed = run(words(round, scenario), point) == kKilled;
      if (killed) {
        ++tally_.points;
        ++tally_.at_events;
        after_kill(", killed at point " + std::to_string(point));
        recover(round, scenario, dice);
      }
      expected = before;
      judge(round, scenario, expected);
      if (!killed) break;
      if (enough()) return;
      copy(snapshot_, root_);
      acknowledged_ = told;
    }
  }
}

void Lab::random_instants(Scenario scenario, const std::function<bool()>& enough) {
  Dice dice(scenario.seed ^ 0xBADCAFEU);
  Expectation expected;
  lay_out(scenario);
  ++tally_.scenarios;
  for (std::size_t i = 0; i < scenario.rounds.size() && !enough(); ++i) {
    const Round& round = scenario.rounds[i];
    if (!prepare(round, scenario)) continue;
    story_ = "random kills, seed " + std::to_string(scenario.seed) + ", round " +
             std::to_string(i + 1) + " (" + name_of(round.kind) + ")";
    std::vector<std::string> command = words(round, scenario);
    for (int kills = dice.roll(6); kills >= 0; --kills) {
      const int code = run_and_kill(command, dice);
      after_kill(code == kKilled ? ", killed" : ", a worker killed or nobody");
      command.resize(2);  // whatever was asked for, going on is asked for so
    }
    recover(round, scenario, dice);
    judge(round, scenario, expected);
  }
}

}  // namespace tallymill::crash
