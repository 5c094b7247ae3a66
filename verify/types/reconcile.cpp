#include "core/error.h"
#include "verify/matches.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

const RecordedVersion* made(const RecordedJob& job, const std::string& dataset) {
  for (const RecordedVersion& version : job.made)
    if (version.dataset == dataset) return &version;
  return nullptr;
}

void verify_reconcile(Engine& engine, const RecordedJob& job, Proof& proof) {
  if (!job.options.has("left") || !job.options.has("right"))
    return proof.leaves_out("the matches: they are of several systems");
  const RecordedVersion* breaks = made(job, job.job + ".breaks");
  if (breaks == nullptr) throw Error(ErrorClass::data, "the breaks are not on record");
  if (!job.options.has("stages")) return check_keyed_matches(engine, job, *breaks, proof);
  const RecordedVersion* matches = made(job, job.job + ".matches");
  if (matches == nullptr) throw Error(ErrorClass::data, "the matches are not on record");
  check_staged_matches(engine, job, *breaks, *matches, proof);
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
