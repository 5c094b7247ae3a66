#include "scheduler/machine.h"

#include <pwd.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "core/error.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

/// The cgroup v2 file `name` of this process or of the nearest parent group that has one.
std::optional<std::string> cgroup_line(const char* name) {
  std::ifstream groups("/proc/self/cgroup");
  std::string line;
  while (std::getline(groups, line)) {
    if (!line.starts_with("0::")) continue;
    for (std::string group = line.substr(3);; group.resize(group.rfind('/'))) {
      std::ifstream file("/sys/fs/cgroup" + group + "/" + name);
      std::string text;
      if (std::getline(file, text) && !text.starts_with("max")) return text;
      if (group.rfind('/') == std::string::npos) break;
    }
  }
  return std::nullopt;
}

std::chrono::microseconds unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now);
}

}  // namespace

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = ::sched_getaffinity(0, sizeof set, &set) == 0
                  ? CPU_COUNT(&set)
                  : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  if (const auto quota = cgroup_line("cpu.max")) {
    std::istringstream fields(*quota);
    long long used = 0;
    long long period = 0;
    if (fields >> used >> period && period > 0)
      cores = std::min(cores, static_cast<int>((used + period - 1) / period));
  }
  return std::max(cores, 1);
}

std::int64_t usable_memory_bytes() {
  const std::int64_t machine = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) *
                               static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
  if (const auto limit = cgroup_line("memory.max")) {
    std::istringstream fields(*limit);
    long long bytes = 0;
    if (fields >> bytes && bytes > 0) return std::min<std::int64_t>(machine, bytes);
  }
  return machine;
}

std::int64_t memory_per_attempt(int slots) {
  return usable_memory_bytes() / 5 * 4 / std::max(1, slots);
}

std::int64_t out_of_memory_kills() {
  std::ifstream counters("/proc/vmstat");
  std::string name;
  std::int64_t value = 0;
  while (counters >> name >> value)
    if (name == "oom_kill") return value;
  return 0;
}

std::string utc_now() { return utc_after(std::chrono::milliseconds(0)); }

std::string utc_after(std::chrono::milliseconds delay) {
  return format_timestamp((unix_time() + delay).count());
}

std::chrono::milliseconds until_utc(const std::string& instant) {
  const Parsed<std::int64_t> at = parse_timestamp(instant);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds(at.value) - unix_time());
  return at && left.count() > 0 ? left : std::chrono::milliseconds(0);
}

std::string random_hex(std::size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::array<unsigned char, 64> buffer{};
  if (bytes > buffer.size() || ::getrandom(buffer.data(), bytes, 0) != static_cast<ssize_t>(bytes))
    throw Error(ErrorClass::transient,
                std::string("the kernel gave no random bytes: ") + std::strerror(errno));
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kDigits[buffer[i] >> 4];
    text += kDigits[buffer[i] & 15];
  }
  return text;
}

std::string user_name() { return user_name(::getuid()); }

std::string user_name(unsigned uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_name;
  return "uid " + std::to_string(uid);
}

}  // namespace tallymill
