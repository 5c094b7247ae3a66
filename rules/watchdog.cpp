#include "rules/watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/json.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;
constexpr auto kLookInterval = 20ms;
constexpr std::int64_t kWallFactor = 10;
constexpr std::size_t kMessageBytes = 4096;
constexpr std::size_t kSourceBytes = 512;  ///< of a source's name, before it is cut
constexpr std::string_view kPlaceholder = "@message@";

std::int64_t now_ns(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) return -1;
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string seconds_text(std::int64_t milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + " s"
                                  : std::to_string(milliseconds) + " ms";
}

/// Appends to a buffer of fixed size; what does not fit is dropped. No allocation.
class Appender {
 public:
  explicit Appender(std::vector<char>& buffer) : buffer_(buffer) {}

  Appender& text(std::string_view text) {
    const std::size_t bytes = std::min(text.size(), buffer_.size() - size_);
    std::memcpy(buffer_.data() + size_, text.data(), bytes);
    size_ += bytes;
    return *this;
  }
  Appender& number(std::int64_t value) {
    char digits[24];
    std::size_t first = sizeof digits;
    auto rest = static_cast<std::uint64_t>(value < 0 ? -value : value);
    do digits[--first] = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0) digits[--first] = '-';
    return text({digits + first, sizeof digits - first});
  }
  std::size_t size() const { return size_; }

 private:
  std::vector<char>& buffer_;
  std::size_t size_ = 0;
};

/// The text inside a JSON string; control characters become blanks.
void append_escaped(Appender& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out.text("\\");
    const bool is_control = static_cast<unsigned char>(c) < 0x20;
    out.text(is_control ? std::string_view(" ") : std::string_view(&c, 1));
  }
}

void write_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written <= 0) return;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

template <class T>
T shared_load(const T* value) {
  return std::atomic_ref<T>(*const_cast<T*>(value)).load(std::memory_order_relaxed);
}

}  // namespace

void WatchSlot::begin(Activity what) {
  clockid_t own = CLOCK_REALTIME;
  pthread_getcpuclockid(pthread_self(), &own);
  clock.store(own, std::memory_order_relaxed);
  activity.store(what, std::memory_order_relaxed);
  beat.fetch_add(1, std::memory_order_release);
}

void WatchSlot::end() {
  beat.fetch_add(1);
  while (is_held.load()) std::this_thread::sleep_for(kLookInterval);
}

Watchdog::Watchdog(const Task& task, int cpu_milliseconds)
    : cap_ns_(static_cast<std::int64_t>(cpu_milliseconds) * 1'000'000),
      result_file_(task.folder / "result.json"),
      temporary_file_(task.folder / "result.json.watchdog"),
      folder_(task.folder),
      cap_text_(seconds_text(cpu_milliseconds)),
      message_(kMessageBytes),
      output_() {
  TaskResult result;
  result.attempt = task.attempt;
  result.epoch = task.epoch;
  result.outcome = TaskOutcome::failed;
  result.error = kPlaceholder;
  for (const ErrorClass error_class : {ErrorClass::config, ErrorClass::transient}) {
    result.error_class = error_class;
    const std::string text = pretty_json(result.to_json());
    const std::size_t cut = text.find(kPlaceholder);
    head_[error_class == ErrorClass::transient] = text.substr(0, cut);
    tail_ = text.substr(cut + kPlaceholder.size());
  }
  output_.resize(head_[0].size() + head_[1].size() + 2 * kMessageBytes + tail_.size());
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::watch(std::shared_ptr<WatchSlot> slot) {
  const std::lock_guard lock(mutex_);
  watched_.push_back({std::move(slot)});
}

void Watchdog::forget(const std::shared_ptr<WatchSlot>& slot) {
  const std::lock_guard lock(mutex_);
  std::erase_if(watched_, [&](const Watched& watched) { return watched.slot == slot; });
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLookInterval, [this] { return stop_; }))
    for (Watched& watched : watched_) look(watched);
}

void Watchdog::look(Watched& watched) {
  WatchSlot& slot = *watched.slot;
  const std::uint64_t beat = slot.beat.load(std::memory_order_acquire);
  if (beat % 2 == 0) return;
  const std::int64_t cpu = now_ns(slot.clock.load(std::memory_order_relaxed));
  const std::int64_t wall = now_ns(CLOCK_MONOTONIC);
  if (beat != watched.beat) {
    // Seen for the first time: it began at most one interval ago.
    watched = {watched.slot, beat, cpu, wall};
    return;
  }
  const bool is_over = cpu >= 0 && cpu - watched.cpu_start > cap_ns_;
  const bool is_slow = !is_over && wall - watched.wall_start > cap_ns_ * kWallFactor;
  if (!is_over && !is_slow) return;
  // Either this sees that the rule has ended meanwhile, or the rule's thread sees that it is held.
  slot.is_held.store(true);
  if (slot.beat.load() == beat) end_process(slot, is_slow);
  slot.is_held.store(false);
}

std::size_t Watchdog::describe(const WatchSlot& slot, bool is_slow_machine, int line) {
  Appender out(message_);
  const auto rule = static_cast<std::size_t>(shared_load(slot.rule));
  out.text(rule < slot.titles.size() ? std::string_view(slot.titles[rule]) : "a rule");
  const auto activity = slot.activity.load(std::memory_order_relaxed);
  if (activity == WatchSlot::Activity::loading) {
    out.text(" did not finish loading within ").text(cap_text_).text(" of CPU");
  } else if (is_slow_machine) {
    out.text(" did not finish within ten times ").text(cap_text_);
  } else {
    out.text(" did not finish within ").text(cap_text_).text(" of CPU");
  }
  const auto row = static_cast<std::size_t>(shared_load(slot.row));
  const ColumnView* provenance = slot.provenance.load(std::memory_order_relaxed);
  const bool is_known =
      provenance != nullptr && !provenance[0].is_null(row) && !provenance[1].is_null(row);
  if (activity == WatchSlot::Activity::testing) {
    out.text(" in test ").number(static_cast<std::int64_t>(row) + 1);
  } else if (activity == WatchSlot::Activity::rows && is_known) {
    const std::string_view source = provenance[0].as<StringRef>()[row].view();
    out.text(" on row ").text(source.substr(0, kSourceBytes));
    out.text(":").number(provenance[1].as<std::int64_t>()[row]);
  } else if (activity == WatchSlot::Activity::group) {
    const std::string* group = slot.group.load();
    out.text(" on the ").number(slot.rows.load(std::memory_order_relaxed)).text(" rows of ");
    out.text(group == nullptr ? std::string_view("a group")
                              : std::string_view(*group).substr(0, kSourceBytes));
  } else if (activity == WatchSlot::Activity::rows) {
    out.text(" on row ").number(static_cast<std::int64_t>(row) + 1).text(" of a chunk of ");
    out.number(slot.rows.load(std::memory_order_relaxed));
  }
  if (line > 0) out.text("; it was last seen at line ").number(line);
  out.text(is_slow_machine
               ? "; its thread hardly ran, so the machine is overloaded: the job is tried again"
               : "; look for a loop that never ends, or a text pattern that backtracks");
  return out.size();
}

/// The line a stuck rule is at when its rows run again; 0 if that does not tell.
int Watchdog::replayed_line(const WatchSlot& slot) const {
  if (!slot.replay) return 0;
  static std::atomic<const std::atomic<int>*> line{nullptr};
  static std::atomic<bool> is_done{false};
  try {
    std::thread([&slot] {
      try {
        slot.replay(line);
      } catch (...) {  // NOLINT(bugprone-empty-catch): it ends by an error, the line is known
      }
      is_done.store(true);
    }).detach();
  } catch (...) {
    return 0;
  }
  // Its own limit is CPU time; this one is for a machine that is busy, and for patterns.
  const auto patience = std::chrono::nanoseconds(3 * cap_ns_) + 1s;
  const auto start = std::chrono::steady_clock::now();
  while (!is_done.load() && std::chrono::steady_clock::now() - start < patience)
    std::this_thread::sleep_for(kLookInterval);
  const std::atomic<int>* seen = line.load();
  return seen == nullptr ? 0 : seen->load();
}

void Watchdog::end_process(WatchSlot& slot, bool is_slow_machine) {
  int line = slot.last_line == nullptr ? 0 : slot.last_line->load(std::memory_order_relaxed);
  std::string_view message(message_.data(), describe(slot, is_slow_machine, line));
  write_result(message, is_slow_machine);
  const bool is_compiled = slot.last_line == nullptr;
  if (is_compiled && !is_slow_machine) line = replayed_line(slot);
  if (is_compiled && line > 0) {
    message = {message_.data(), describe(slot, is_slow_machine, line)};
    write_result(message, is_slow_machine);
  }
  write_all(STDERR_FILENO, "error: ", 7);
  write_all(STDERR_FILENO, message.data(), message.size());
  write_all(STDERR_FILENO, "\n", 1);
  ::_exit(1);
}

void Watchdog::write_result(std::string_view message, bool is_slow_machine) {
  Appender out(output_);
  out.text(head_[is_slow_machine]).text("error: ");
  append_escaped(out, message);
  out.text(tail_);
  const int fd = ::open(temporary_file_.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0) {
    write_all(fd, output_.data(), out.size());
    ::fsync(fd);
    ::close(fd);
    ::rename(temporary_file_.c_str(), result_file_.c_str());
    const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
      ::fsync(folder);
      ::close(folder);
    }
  }
}

}  // namespace tallymill
