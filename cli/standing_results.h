#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/json.h"
#include "scheduler/store.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// What a job run stands for: what was asked and booked, and the versions that it left visible.
struct StandingResult {
  std::string run;  ///< of the attempt whose question and books count
  std::string attempt;
  int number = 0;      ///< of that attempt
  json::object ended;  ///< the attempt's result, as the journal tells it
  /// Of the attempt that made the versions: another one where the result was the same as before.
  std::string made_by;
  std::string version;   ///< name of the versions: the id of that attempt
  json::array versions;  ///< as that attempt published them
};

/// Tells from the journal what the job runs of one run stand for: what they made, or, where they
/// made nothing new, what stood when they ended. What came later is not looked at.
class StandingResults {
 public:
  explicit StandingResults(RunRecord run) : run_(std::move(run)) {}

  /// Every event of the journal, in order.
  void take(const StoredEvent& stored);

  /// Empty if the job run stands for no result: it did not end well, or was skipped.
  const StandingResult* find(const std::string& job) const;

 private:
  void take_attempt(const StoredEvent& stored);
  void count(const std::string& job);

  using Shared = std::shared_ptr<const StandingResult>;
  RunRecord run_;
  std::set<std::string> runs_;             ///< of the graph and period, so far
  std::map<std::string, int> numbers_;     ///< of attempts that have not ended
  std::map<std::string, Shared> stands_;   ///< by job: what stands after the events so far
  std::map<std::string, Shared> counted_;  ///< by job: what the run's job run stands for
};

}  // namespace tallymill
