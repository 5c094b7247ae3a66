#pragma once

#include <map>
#include <string>

#include "verify/content.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// Recounts the books of a job: every class of its ledger that is a dataset has that dataset's rows
/// and sums, and one side of the books adds up to the other. `contents`: by dataset, of inputs and
/// of what was made.
void check_ledger(const RecordedJob& job, const std::map<std::string, Content>& contents,
                  Proof& proof);

}  // namespace tallymill::verify
