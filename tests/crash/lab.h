#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/scenario.h"

namespace tallymill::crash {

class Client;

/// What was done and found so far.
struct Tally {
  long long scenarios = 0;
  long long points = 0;  ///< kills that hit a living process; the sum of the three below
  long long at_events = 0;
  long long at_instants = 0;
  long long of_workers = 0;
  long long of_finished = 0;                   ///< of these workers: their result was there already
  long long checks = 0;                        ///< settled states that were judged
  long long commands = 0;                      ///< asked of services
  std::map<std::string, long long> points_by;  ///< kind of scenario -> points
  std::vector<std::string> problems;
};

/// One workspace in which a scenario happens, with real processes: run_probe, service_probe and
/// test_worker.
class Lab {
 public:
  /// `folder` is made anew. `programs`: where run_probe and test_worker are.
  Lab(std::filesystem::path folder, std::filesystem::path programs, Tally& tally);

  /// All rounds of the scenario. In each the scheduler is killed at the crash points `first`,
  /// `first + step`, ...: each time in a copy of the workspace as the round found it, until a run
  /// gets through. Ends early once `enough` says so.
  void every_point(Scenario scenario, int first, int step, const std::function<bool()>& enough);
  /// All rounds of the scenario in one workspace, killed again and again at random instants and
  /// points, schedulers and workers, until it gets through.
  void random_instants(Scenario scenario, const std::function<bool()>& enough);
  /// A service of the workspace is asked all sorts of things over its socket, and killed again and
  /// again meanwhile; then everything is brought to its end.
  void asked_things(Scenario scenario, const std::function<bool()>& enough);

 private:
  struct End {
    bool timed_out = false;
    int code = 0;  ///< 128 + signal if it was killed
  };

  void lay_out(const Scenario& scenario);
  void write_graphs(const Scenario& scenario);
  /// Changes the files of the workspace as the round asks; false: there is nothing to run.
  bool prepare(const Round& round, Scenario& scenario);
  std::vector<std::string> words(const Round& round, const Scenario& scenario) const;
  pid_t start(const std::string& program, const std::vector<std::string>& words, int crash_at);
  End wait(pid_t process, std::chrono::milliseconds limit);
  /// Starts and waits; what it acknowledged is remembered.
  int run(const std::vector<std::string>& words, int crash_at);
  /// Kills the running process, or a worker of it, after a random time.
  int run_and_kill(const std::vector<std::string>& words, Dice& dice);
  /// Kills a worker as it is, or once it has left its result while its scheduler is held up.
  bool kill_worker(pid_t scheduler, Dice& dice);
  bool kill_finished_worker(pid_t scheduler, pid_t worker);
  void after_kill(const std::string& what);
  /// Starts again until the round is done, and judges what is there then.
  void recover(const Round& round, const Scenario& scenario, Dice& dice);
  void judge(const Round& round, const Scenario& scenario, Expectation& expected);
  void judge_all(const Expectation& expected);
  void deliver_rest(const std::filesystem::path& state);

  // The service (lab_service.cpp)
  /// False if it has not lived until it listened.
  bool serve(int crash_at);
  void note_service_end(const End& end);
  void end_service(int signal);
  void pester(Client& client, Dice& dice);
  void bring_to_an_end(Client& client, const std::string& graph);
  void remember_acknowledged();
  void require_no_orphans();
  void problem(const std::string& text);
  void copy(const std::filesystem::path& from, const std::filesystem::path& to);
  static void remove(const std::filesystem::path& folder);
  static void write(const std::filesystem::path& file, const std::string& text);
  static std::string text_of(const std::filesystem::path& file);

  static constexpr int kKilled = 137;
  static constexpr const char* kPeriod = "2026-01";

  std::filesystem::path root_;      ///< of the workspace
  std::filesystem::path snapshot_;  ///< of it, as a round found it
  std::filesystem::path programs_;
  Tally& tally_;
  pid_t service_ = 0;
  std::string story_;  ///< seed, round and kills so far, for messages
  std::vector<std::string> acknowledged_;
};

}  // namespace tallymill::crash
