#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tallymill {

/// One thread beside a loop, for work on the disk that nobody needs before the loop has committed.
/// Works are done one after another, in the order in which they were given.
class SideThread {
 public:
  SideThread() = default;
  /// Does what is left.
  ~SideThread();
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  /// Works are numbered from 1 on.
  using Number = std::uint64_t;

  /// `work` must not throw.
  Number give(std::function<void()> work);
  /// Returns when work number `last` and all before it are done; what they wrote may be read then.
  void finish(Number last);
  bool has_done(Number work) const { return done_ >= work; }
  /// Returns when all that was given is done.
  void finish();

 private:
  void start();
  void work();

  std::mutex mutex_;
  std::condition_variable given_;
  std::condition_variable awaited_is_done_;
  std::vector<std::function<void()>> works_;
  Number given_number_ = 0;          ///< of the last one; the loop's
  std::atomic<Number> awaited_ = 0;  ///< who waits is told when it is done
  std::atomic<Number> done_ = 0;     ///< and all before it
  bool ends_ = false;
  std::thread thread_;  ///< from the first work on
};

}  // namespace tallymill
