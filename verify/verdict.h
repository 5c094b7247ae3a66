#pragma once

#include <cstdint>
#include <span>

#include "datasets/engine.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"
#include "verify/sides.h"

namespace tallymill::verify {

/// A side and what was counted of it.
struct CountedSide {
  const Side* side = nullptr;
  std::int64_t rows = 0;
  Int128 amount = 0;  ///< units
};

/// A reconcile job: its input is as complete as it says, and its verdict is the worst of what its
/// breaks come to. `scale`: of amounts.
void check_verdict(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                   std::span<const CountedSide> sides, int scale, Proof& proof);

}  // namespace tallymill::verify
