#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "rules/lua_state.h"

namespace tallymill {

/// Compiled or interpreted? Decides for one rule set from what its chunks took. Nearly every set
/// runs best compiled. A few (hundreds of small closures, chosen by row) run best interpreted, so
/// after the first chunks, if rows are slow, a few chunks go to an interpreted state, one at a
/// time, and the faster mode stays. Times decide the pace only: results are the same in both.
class ModeChoice {
 public:
  /// `fixed`: nothing to choose.
  explicit ModeChoice(std::optional<LuaMode> fixed);

  /// The mode of the next chunk. Whoever is told to try must say took() afterwards.
  LuaMode next();
  /// A chunk is done: its rows took `ns` of CPU time.
  void took(LuaMode mode, std::size_t rows, std::int64_t ns);

  bool is_decided() const { return phase_ == Phase::decided; }
  /// Of chunks that are no trial.
  LuaMode mode() const { return mode_; }

 private:
  /// CPU time over rows of one mode.
  struct Pace {
    std::int64_t rows = 0;
    std::int64_t ns = 0;
    int chunks = 0;
    double ns_per_row() const;
  };
  enum class Phase { watching, trying, decided };

  Phase phase_ = Phase::watching;
  LuaMode mode_ = LuaMode::compiled;
  bool trial_running_ = false;
  Pace compiled_, interpreted_;
};

}  // namespace tallymill
