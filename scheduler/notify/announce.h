#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/store/apply.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What people are to be told because of an event: an event "notification_queued" for every kind
/// that somebody listens to and that has not been told of this run before. The caller appends them
/// in the same transaction, so that what happened and the message about it are one.
///
/// `workspace` gives the channels and rules that hold now; a run's pinned files say nothing here.
class Announcer {
 public:
  explicit Announcer(std::function<std::shared_ptr<const Workspace>()> workspace)
      : workspace_(std::move(workspace)) {}

  std::vector<Event> follow_up(const StoredEvent& cause, StoreView& view) const;

 private:
  std::function<std::shared_ptr<const Workspace>()> workspace_;
};

}  // namespace tallymill
