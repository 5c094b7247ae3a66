#include "verify/carried_breaks.h"
#include "verify/matches.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

void verify_reconcile(Engine& engine, const RecordedJob& job, Proof& proof) {
  const RecordedVersion& breaks = made_version(job, job.job + ".breaks");
  if (job.options.has("systems"))
    check_system_matches(engine, job, breaks, proof);
  else if (job.options.has("stages"))
    check_staged_matches(engine, job, breaks, made_version(job, job.job + ".matches"), proof);
  else
    check_keyed_matches(engine, job, breaks, proof);
  if (job.options.has("life")) check_carried_breaks(engine, job, breaks, proof);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_reconcile(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "reconcile",
                 .summary = "Every row and key is in one class, and sums of matches agree.",
                 .verify = verify::verify_reconcile});
}

}  // namespace tallymill
