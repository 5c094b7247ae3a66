#pragma once

#include "datasets/engine.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// Digits behind the point of a job's amounts, as its breaks have them.
int scale_of_breaks(const Schema& breaks);

/// A reconcile job that compares two sides key by key: every key is in the class its rows give, the
/// breaks are exactly the keys that do not agree, and the statement counts what is there.
void check_keyed_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                         Proof& proof);

/// A reconcile job of several systems: every key is in the class that what they hold of it gives,
/// the breaks are exactly the keys that do not agree, and opening and movements are closing.
void check_system_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          Proof& proof);

/// A reconcile job with stages: every row of both sides is in one match, one break or the first
/// exact stage, with the amount it has; and the sums of each match agree within its tolerance.
void check_staged_matches(Engine& engine, const RecordedJob& job, const RecordedVersion& breaks,
                          const RecordedVersion& matches, Proof& proof);

}  // namespace tallymill::verify
