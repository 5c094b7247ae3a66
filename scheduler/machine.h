#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tallymill {

/// Processors this process may use (affinity and cgroup quota counted); at least 1.
int usable_cores();
/// Bytes of memory this process may use: the machine's, or its cgroup's limit if that is smaller.
std::int64_t usable_memory_bytes();
/// Memory of one attempt when `slots` run at once: a fifth of all stays free for the system and the
/// scheduler.
std::int64_t memory_per_attempt(int slots);

/// How often the kernel has killed a process of this machine for lack of memory, since boot.
std::int64_t out_of_memory_kills();

/// The wall clock as a UTC instant, for people; nothing is ever ordered by it.
std::string utc_now();
/// The instant `delay` from now, in the same form.
std::string utc_after(std::chrono::milliseconds delay);
/// How long until `instant` (as utc_now() writes it); zero if it is past or unreadable.
std::chrono::milliseconds until_utc(const std::string& instant);
/// `bytes` random bytes of the kernel as lower-case hex. Throws Error(transient).
std::string random_hex(std::size_t bytes);
/// The login name of the user this process acts for, or "uid 1000" if the system knows none.
std::string user_name();
/// The same of another user's number.
std::string user_name(unsigned uid);

}  // namespace tallymill
