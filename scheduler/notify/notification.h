#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace tallymill {

/// What people are told of. docs/notify.md says when each is due.
enum class NotificationKind : std::uint8_t { failed, late, blocked, recovered, finished, findings };
inline constexpr std::array kNotificationKinds{
    NotificationKind::failed,    NotificationKind::late,     NotificationKind::blocked,
    NotificationKind::recovered, NotificationKind::finished, NotificationKind::findings};
std::string_view to_string(NotificationKind kind);

/// A way to reach people: a command, mail or webhook, as tallymill.yaml declares it.
struct NotifyChannel {
  std::string name;
  std::string type;
  json::object spec;  ///< its options, ${env:NAME} expanded: holds secrets, never stored or logged
  std::chrono::milliseconds timeout{30'000};
};

/// Which channels hear of which kind. A kind that is not there is not told to anybody; a graph's
/// own entry replaces the workspace's, also with no channels at all.
using NotifyRules = std::map<NotificationKind, std::vector<std::string>>;

}  // namespace tallymill
