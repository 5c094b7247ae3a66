#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/files.h"
#include "scheduler/notify/outbox.h"
#include "scheduler/run_loop.h"
#include "scheduler/store.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Carries the outbox to its channels, each message by a process of its own (tallymill-courier), so
/// that no slow server ever holds the scheduler up and no secret stays in its way: the channel's
/// settings go to the courier on its standard input, never in arguments, files or the store.
///
/// At least once: a courier that delivered and died before its end was recorded is asked again,
/// with the same id. An input of the loop: nothing in it waits, finish() apart.
class Deliveries final : public LoopInput {
 public:
  using WorkspaceNow = std::function<std::shared_ptr<const Workspace>()>;
  Deliveries(Store& store, Clock& clock, WorkspaceNow workspace, std::filesystem::path courier);
  ~Deliveries() override;
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  /// tallymill-courier beside the running executable.
  static std::filesystem::path default_courier();

  int ready_fd() const override { return epoll_.get(); }
  /// When a message is to be tried again.
  std::optional<BootTime> due_boot() const override { return next_due_; }
  /// Appends what became of tries that have ended.
  void take_in() override;
  /// Starts what is due, at most one try per channel and kMostCouriers in all.
  void committed() override;
  /// Something was queued.
  void wake() { is_due_ = true; }
  bool is_idle() const { return couriers_.empty() && !is_due_; }
  /// Delivers what is due and commits, until nothing is on its way or the time is up. For a process
  /// that is about to leave the lock; what is left stays in the outbox.
  void finish(std::chrono::milliseconds patience);

  static constexpr std::size_t kMostCouriers = 4;

 private:
  struct Courier {
    NotificationRecord notification;
    UniqueFd pidfd;
    UniqueFd answer;  ///< its standard output, a file in memory
  };

  void start_one(const NotificationRecord& notification);
  void settle(const NotificationRecord& notification, const DeliveryEnd& end);
  bool is_busy(const std::string& channel) const;
  BootTime due_at(const NotificationRecord& notification);

  Store& store_;
  Clock& clock_;
  WorkspaceNow workspace_;
  std::filesystem::path program_;
  UniqueFd epoll_;
  bool is_due_ = true;  ///< there may be something to start
  std::optional<BootTime> next_due_;
  std::map<int, Courier> couriers_;  ///< by process id; ours and not reaped
  std::map<std::pair<std::string, std::string>, BootTime> due_;  ///< id, channel
};

}  // namespace tallymill
