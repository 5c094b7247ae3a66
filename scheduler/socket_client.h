#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/files.h"
#include "core/json.h"

namespace tallymill {

/// The other end of SocketServer: a command's connection to the process that holds the lock.
class SocketClient {
 public:
  /// Empty if nobody listens there.
  static std::optional<SocketClient> connect(const std::filesystem::path& socket);

  int fd() const { return fd_.get(); }
  /// False if the other end is gone.
  bool send(const json::object& line);
  /// The same, handing these descriptors over.
  bool send_with(const json::object& line, const std::array<int, 2>& descriptors);
  /// A line that is there already, or comes within `patience` (negative: however long that takes).
  std::optional<json::object> next(std::chrono::milliseconds patience);
  /// The other end is gone, and all it said was taken.
  bool is_closed() const { return closed_ && in_.find('\n') == std::string::npos; }

 private:
  explicit SocketClient(UniqueFd fd) : fd_(std::move(fd)) {}
  bool send_text(std::string_view text);
  void read_some(std::chrono::milliseconds patience);

  UniqueFd fd_;
  std::string in_;
  bool closed_ = false;
};

}  // namespace tallymill
