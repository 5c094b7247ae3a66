#include "scheduler/writer_lock.h"

#include <unistd.h>

#include <thread>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/machine.h"

namespace tallymill {
namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(100);

std::optional<FileLock> try_lock(const StateFolder& state, const std::string& doing) {
  auto lock = FileLock::try_acquire(state.lock());
  if (!lock) return lock;
  const std::string text = "process " + std::to_string(::getpid()) + " of " + user_name() + " (" +
                           doing + "), since " + utc_now() + "\n";
  // Best effort: the text only helps people, and a full disk must not stop a run from ending.
  if (::ftruncate(lock->fd(), 0) == 0) (void)!::pwrite(lock->fd(), text.data(), text.size(), 0);
  return lock;
}

}  // namespace

WriterLock WriterLock::acquire(const StateFolder& state, const std::string& doing) {
  auto lock = try_lock(state, doing);
  if (!lock)
    throw Error(ErrorClass::transient, "the state folder '" + state.root().string() +
                                           "' is in use by " + lock_holder(state) +
                                           "; wait until it ends, or use --wait");
  return WriterLock(std::move(*lock));
}

std::optional<WriterLock> WriterLock::try_acquire(const StateFolder& state,
                                                  const std::string& doing) {
  auto lock = try_lock(state, doing);
  if (!lock) return std::nullopt;
  return WriterLock(std::move(*lock));
}

WriterLock WriterLock::wait(const StateFolder& state, const std::string& doing,
                            const std::function<void(const std::string&)>& waiting) {
  bool said = false;
  for (;;) {
    if (auto lock = try_lock(state, doing)) return WriterLock(std::move(*lock));
    if (!said) waiting(lock_holder(state));
    said = true;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

std::string lock_holder(const StateFolder& state) {
  try {
    const std::string text(trim(read_file(state.lock())));
    return text.empty() ? "another tallymill" : text;
  } catch (const Error&) {
    return "another tallymill";
  }
}

}  // namespace tallymill
