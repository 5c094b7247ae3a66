#include "scheduler/side_thread.h"

#include <signal.h>

#include <utility>

namespace tallymill {

SideThread::~SideThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void SideThread::give(std::function<void()> work) {
  if (!thread_.joinable()) start();
  bool is_idle = false;
  {
    const std::lock_guard lock(mutex_);
    is_idle = works_.empty() && !is_busy_;
    works_.push_back(std::move(work));
  }
  if (is_idle) given_.notify_one();
}

void SideThread::finish() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return works_.empty() && !is_busy_; });
}

void SideThread::start() {
  // Signals are the loop's.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void SideThread::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    given_.wait(lock, [this] { return ends_ || !works_.empty(); });
    if (works_.empty()) return;
    std::vector<std::function<void()>> works = std::exchange(works_, {});
    is_busy_ = true;
    lock.unlock();
    for (const auto& work : works) work();
    works.clear();
    lock.lock();
    is_busy_ = false;
    if (works_.empty()) done_.notify_all();
  }
}

}  // namespace tallymill
