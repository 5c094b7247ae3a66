#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/task.h"
#include "datasets/engine.h"

namespace tallymill {

/// What the watchdog sees of one Lua state. The evaluating thread writes, the watchdog reads, both
/// without locks; row and rule are written by generated code just before each call of a rule.
struct WatchSlot {
  enum class Activity : int { loading, testing, rows, group };

  std::atomic<std::uint64_t> beat{0};            ///< odd while rules run; changes with every chunk
  std::atomic<clockid_t> clock{CLOCK_REALTIME};  ///< CPU clock of the evaluating thread
  std::atomic<Activity> activity{Activity::rows};
  const std::int32_t* row = nullptr;
  const std::int32_t* rule = nullptr;
  const std::atomic<int>* last_line = nullptr;  ///< traced states only
  std::vector<std::string> titles;              ///< by rule: "rule 'x' (rules/x.lua)"
  /// The chunk's _source and _line, or null.
  std::atomic<const ColumnView*> provenance{nullptr};
  std::atomic<std::int64_t> rows{0};
  std::atomic<const std::string*> group{nullptr};  ///< what the rows of a group share
  /// Runs the rows at hand again in a traced state that is never destroyed, and tells where it
  /// keeps the line seen last. Called on a thread of its own, when the process is to end.
  std::function<void(std::atomic<const std::atomic<int>*>& line)> replay;
  /// The process is to end: who leaves rule code now waits, so that rows stay for the replay.
  std::atomic<bool> is_held{false};

  /// Around every stretch of rule code, on the thread that runs it.
  void begin(Activity what);
  void end();
};

/// Ends the process when a rule does not end: nothing inside Lua can stop compiled code or a
/// pattern that backtracks, and nothing inside Lua can catch _exit. It wakes every 20 ms, compares
/// the CPU time of each evaluating thread with the cap (wall time with ten times the cap, for a
/// thread that hardly runs), and then writes a complete result.json prepared beforehand, with
/// buffers it owns and system calls only, because the stuck thread may hold any lock. Compiled code
/// has no lines: with the result safe, the rows are run again interpreted, and if that tells the
/// line, the result is written once more with it.
class Watchdog {
 public:
  Watchdog(const Task& task, int cpu_milliseconds);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void watch(std::shared_ptr<WatchSlot> slot);
  void forget(const std::shared_ptr<WatchSlot>& slot);

 private:
  struct Watched {
    std::shared_ptr<WatchSlot> slot;
    std::uint64_t beat = 0;
    std::int64_t cpu_start = 0;
    std::int64_t wall_start = 0;
  };

  void run();
  void look(Watched& watched);
  [[noreturn]] void end_process(WatchSlot& slot, bool is_slow_machine);
  std::size_t describe(const WatchSlot& slot, bool is_slow_machine, int line);
  void write_result(std::string_view message, bool is_slow_machine);
  int replayed_line(const WatchSlot& slot) const;

  std::int64_t cap_ns_;
  std::string result_file_, temporary_file_, folder_;
  /// result.json up to the message, by class: config, transient; and what follows it.
  std::string head_[2], tail_;
  std::string cap_text_;
  std::vector<char> message_, output_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::vector<Watched> watched_;
  std::thread thread_;
};

}  // namespace tallymill
