#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/files.h"

namespace tallymill {

/// The arguments that make `tallymill-worker` a fork server, of workers for jobs that need no
/// engine and of workers that have it open; and where it finds its channel.
inline constexpr const char* kForkServerArgument = "--fork-server";
inline constexpr const char* kEngineForkServerArgument = "--engine-fork-server";
inline constexpr int kForkChannelFd = 3;

/// An attempt that a fork server is asked to start.
struct ForkRequest {
  std::filesystem::path folder;
  UniqueFd lock;  ///< of its task.json
};

/// What the server answers: a process id, or why there is none.
struct ForkAnswer {
  std::int32_t pid = 0;
  std::int32_t problem = 0;  ///< an errno; 0: there is a process
};

/// One end of the socket between the scheduler and a fork server; a message is whole or not there.
class ForkChannel {
 public:
  explicit ForkChannel(UniqueFd socket) : socket_(std::move(socket)) {}
  /// Both ends, close-on-exec. Throws Error(transient).
  static std::pair<ForkChannel, ForkChannel> make();

  /// False if the other end is gone. The lock is duplicated, not handed over.
  bool ask(const std::filesystem::path& folder, int lock) const;
  bool answer(const ForkAnswer& answer) const;
  /// Nothing after `patience`, or if the other end is gone or said something else.
  std::optional<ForkAnswer> read_answer(std::chrono::milliseconds patience) const;
  std::optional<ForkRequest> read_request(std::chrono::milliseconds patience) const;

  int fd() const { return socket_.get(); }

 private:
  UniqueFd socket_;
};

}  // namespace tallymill
