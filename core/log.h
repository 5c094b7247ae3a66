#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"

namespace tallymill {

using LogFields = std::vector<std::pair<std::string, json::value>>;

/// How much a log may hold. Nothing a job says may fill the disk that its data needs.
struct LogBudget {
  std::uint64_t bytes = std::uint64_t{16} << 20;    ///< then only warnings and errors
  std::uint64_t warnings = std::uint64_t{4} << 20;  ///< so much more of them
};

/// Appends one JSON object per event to an attempt's log.jsonl: {"at","level","event",...fields}.
/// Written per event, so a killed worker loses nothing it said but how often it said the last
/// thing: a line equal to the one before is only counted, and told as "repeated" before the next.
/// What is over the budget is dropped and counted. Thread-safe. Built on spdlog.
class EventLog {
 public:
  explicit EventLog(const std::filesystem::path& file, const LogBudget& budget = {});
  ~EventLog();
  EventLog(EventLog&&) noexcept;
  void info(std::string_view event, const LogFields& fields = {});
  void warn(std::string_view event, const LogFields& fields = {});
  void error(std::string_view event, const LogFields& fields = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "2026-09-02T04:00:13Z info  event=... key=value" of one log.jsonl line, for people; a line that
/// is not JSON comes back as it is.
std::string format_log_line(std::string_view line);

}  // namespace tallymill
