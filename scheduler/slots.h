#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "scheduler/graph.h"

namespace tallymill {

/// A job that may start as soon as there is room for it.
struct ReadyJob {
  int priority = 0;
  std::uint32_t run = 0;  ///< ActiveRun::number(), ascending with age
  JobIndex job = 0;
};

/// Who runs where: the slots of a workspace and its resource pools, over all runs. An attempt
/// takes a slot, and one of its pool too, if that is not "cpu".
class Slots {
 public:
  Slots(int slots, std::map<std::string, int> pools, int cores);
  /// From now on; what runs goes on.
  void resize(int slots, std::map<std::string, int> pools);

  void add(const std::string& pool, const ReadyJob& job);
  /// The job to start next, taken out: of those whose pool has room the one of the highest
  /// priority, then of the oldest run, then the first of its graph. Empty: no room, or no job.
  std::optional<ReadyJob> next();
  /// A pool that is full although there are slots: jobs of it wait for the pool.
  bool is_full(const std::string& pool) const;
  bool has_free_slot() const { return used_ < slots_; }

  /// The share of the cores for an attempt that starts now: what nobody uses, divided among the
  /// jobs that can start, and never less than with all slots taken. A job that runs alone has the
  /// whole machine.
  int threads_for_next() const;
  void take(const std::string& pool, int threads);
  void give_back(const std::string& pool, int threads);
  int used() const { return used_; }

 private:
  struct Later {
    bool operator()(const ReadyJob& a, const ReadyJob& b) const;
  };
  struct Pool {
    std::priority_queue<ReadyJob, std::vector<ReadyJob>, Later> ready;
    int used = 0;
  };
  bool has_room(const std::string& name, const Pool& pool) const;

  int slots_;
  std::map<std::string, int> sizes_;
  int cores_;
  std::map<std::string, Pool> pools_;
  std::size_t ready_ = 0;
  int used_ = 0;
  int threads_used_ = 0;
};

}  // namespace tallymill
