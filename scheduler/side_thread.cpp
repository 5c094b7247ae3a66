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

SideThread::Number SideThread::give(std::function<void()> work) {
  if (!thread_.joinable()) start();
  bool is_idle = false;
  {
    const std::lock_guard lock(mutex_);
    is_idle = has_done(given_number_);
    works_.push_back(std::move(work));
    ++given_number_;
  }
  if (is_idle) given_.notify_one();
  return given_number_;
}

void SideThread::finish(Number last) {
  if (has_done(last)) return;
  std::unique_lock lock(mutex_);
  awaited_ = last;
  awaited_is_done_.wait(lock, [&] { return has_done(last); });
}

void SideThread::finish() { finish(given_number_); }

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
    lock.unlock();
    for (std::function<void()>& work : works) {
      work();
      work = nullptr;  // nothing of it is kept once it counts as done
      // Whoever waits says for what before he looks: one of us sees the other.
      if (++done_ != awaited_) continue;
      const std::lock_guard waits(mutex_);
      awaited_is_done_.notify_all();
    }
    lock.lock();
  }
}

}  // namespace tallymill
