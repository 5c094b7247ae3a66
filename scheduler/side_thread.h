#pragma once

#include <condition_variable>
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

  /// `work` must not throw.
  void give(std::function<void()> work);
  /// Returns when all that was given is done; what it wrote may be read then.
  void finish();

 private:
  void start();
  void work();

  std::mutex mutex_;
  std::condition_variable given_;
  std::condition_variable done_;
  std::vector<std::function<void()>> works_;
  bool is_busy_ = false;
  bool ends_ = false;
  std::thread thread_;  ///< from the first work on
};

}  // namespace tallymill
