#pragma once

#include "datasets/engine.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// A reconcile job with `life`: what became of each break follows from what was found, what the
/// period before knew and what people said; opening and movements are closing; and the statement
/// is chained to the one before.
void check_carried_breaks(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          Proof& proof);

}  // namespace tallymill::verify
