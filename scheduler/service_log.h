#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/run_observer.h"

namespace tallymill {

/// What a service says of itself: one line per event, `INSTANT level event=... key=value`. Also
/// the observer of its runs: beginnings, ends, and what needs attention; not every job.
class ServiceLog final : public RunObserver {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  explicit ServiceLog(std::ostream& out) : out_(out) {}

  void info(const std::string& event, const Fields& fields = {}) { line("info ", event, fields); }
  void warn(const std::string& event, const Fields& fields = {}) { line("warn ", event, fields); }
  void error(const std::string& event, const Fields& fields = {}) { line("error", event, fields); }
  /// More about the line before, as it is: diagnostics with their carets.
  void text(const std::string& lines) { out_ << lines << std::flush; }

  void started(const LiveRun& run, bool goes_on) override;
  void changed(const LiveRun& run, const std::vector<JobIndex>& jobs) override;
  void waits(const LiveRun& run) override;
  void ended(const LiveRun& run, RunVerdict verdict) override;
  void note(const std::string& text) override { info("note", {{"text", text}}); }

 private:
  void line(const std::string& level, const std::string& event, const Fields& fields);
  std::ostream& out_;
};

}  // namespace tallymill
