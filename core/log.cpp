#include "core/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/time/date.h"

namespace tallymill {

namespace {

/// spdlog's file sink opens without O_CLOEXEC and buffers; here every event is one write(2) at the
/// end of the file, so that it survives a kill and lines of several processes do not mix.
class AppendingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit AppendingSink(std::filesystem::path file)
      : file_(std::move(file)), fd_(open_for_appending(file_)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_all(fd_, {line.data(), line.size()}, file_);
  }
  void flush_() override {}

  std::filesystem::path file_;
  UniqueFd fd_;
};

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  std::string text = format_timestamp(millis * 1000);
  // Always three fraction digits, so that lines sort as text.
  const std::size_t point = text.find('.');
  if (point == std::string::npos)
    text.insert(text.size() - 1, ".000");
  else
    while (text.size() - point < 5) text.insert(text.size() - 1, 1, '0');
  return text;
}

/// A value as people read it in key=value: bare where that is clear, else as JSON.
std::string plain_text(const json::value& value) {
  if (const double* number = value.if_double()) return fmt::format("{:.3f}", *number);
  const json::string* text = value.if_string();
  if (text == nullptr) return json::serialize(value);
  const std::string_view view = *text;
  for (char c : view)
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\x7F')
      return json::serialize(value);
  return view.empty() ? "\"\"" : std::string(view);
}

std::string without_fraction(const std::string& instant) {
  const std::size_t point = instant.find('.');
  return point == std::string::npos ? instant : instant.substr(0, point) + "Z";
}

}  // namespace

struct EventLog::State {
  spdlog::logger logger;
  LogBudget budget;
  std::mutex mutex;  ///< of what follows
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;
  bool told_full = false;
  json::object last = {};  ///< without its instant
  std::uint64_t repeated = 0;

  State(const std::filesystem::path& file, const LogBudget& limits)
      : logger("events", std::make_shared<AppendingSink>(file)), budget(limits) {
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
    std::error_code none;
    written = std::filesystem::file_size(file, none);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    try {
      tell_repeated();
      if (dropped > 0) put({{"level", "warn"}, {"event", "log_dropped"}, {"lines", dropped}});
    } catch (const Error&) {
      // A full disk: the attempt says so itself.
    }
  }

  void write(std::string_view level, std::string_view event, const LogFields& fields) {
    json::object line{{"level", json::string(level)}, {"event", json::string(event)}};
    for (const auto& [key, value] : fields) line.insert_or_assign(key, value);
    const std::lock_guard guard(mutex);
    if (line == last) {
      ++repeated;
      return;
    }
    tell_repeated();
    last = line;
    const bool is_full = written >= budget.bytes;
    if (is_full && !std::exchange(told_full, true))
      put({{"level", "warn"}, {"event", "log_full"}, {"bytes", budget.bytes}});
    if (is_full && (level == "info" || written >= budget.bytes + budget.warnings))
      ++dropped;
    else
      put(line);
  }

  void tell_repeated() {
    if (repeated == 0) return;
    const std::uint64_t times = std::exchange(repeated, 0);
    if (written < budget.bytes)
      put({{"level", last.at("level")},
           {"event", "repeated"},
           {"of", last.at("event")},
           {"times", times}});
    else
      dropped += times;
  }

  void put(const json::object& fields) {
    json::object line{{"at", now_text()}};
    for (const auto& [key, value] : fields) line.insert_or_assign(key, value);
    const std::string text = json::serialize(line);
    written += text.size() + 1;
    logger.log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }
};

EventLog::EventLog(const std::filesystem::path& file, const LogBudget& budget)
    : state_(std::make_unique<State>(file, budget)) {}
EventLog::~EventLog() = default;
EventLog::EventLog(EventLog&&) noexcept = default;

void EventLog::info(std::string_view event, const LogFields& fields) {
  state_->write("info", event, fields);
}

void EventLog::warn(std::string_view event, const LogFields& fields) {
  state_->write("warn", event, fields);
}

void EventLog::error(std::string_view event, const LogFields& fields) {
  state_->write("error", event, fields);
}

std::string format_log_line(std::string_view line) {
  boost::system::error_code problem;
  const json::value value = json::parse(json::string_view(line.data(), line.size()), problem);
  const json::object* event = problem ? nullptr : value.if_object();
  if (event == nullptr || !event->contains("at")) return std::string(line);
  try {
    std::string out = without_fraction(json_text(*event, "at"));
    std::string level = json_text_or(*event, "level", "info");
    level.resize(std::max<std::size_t>(level.size(), 5), ' ');
    out += " " + level;
    for (const auto& [key, field] : *event)
      if (key != "at" && key != "level") out += " " + std::string(key) + "=" + plain_text(field);
    return out;
  } catch (const Error&) {
    return std::string(line);
  }
}

}  // namespace tallymill
