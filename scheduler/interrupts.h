#pragma once

#include <signal.h>

#include "core/files.h"

namespace tallymill {

/// Turns SIGINT, SIGTERM and SIGHUP of this process into something to wait for, while it lives.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// Readable (poll) when a signal came.
  int ready_fd() const { return fd_.get(); }
  /// How many signals came since the last call. Never waits.
  int take();

 private:
  sigset_t before_{};
  UniqueFd fd_;
};

}  // namespace tallymill
