#include "verify/key_sums.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

void verify_carve_out(Engine& engine, const RecordedJob& job, Proof& proof) {
  const RecordedVersion parked = made_version(job, job.job + ".parked");
  const std::vector<std::string> key = key_of(parked);
  const std::string amount = job.options.object("pool").text("amount");
  const std::string into = job.options.text("into");
  check_key_sums(engine, job,
                 {.name = "of every pool: in = rest + taken + parked",
                  .left = {{"in", input_versions(job, "pool"), key, amount}},
                  .right = {{"rest", {made_version(job, into)}, key, amount},
                            {"taken", {made_version(job, job.job + ".taken")}, key, "amount"},
                            {"parked", {parked}, key, "amount"}},
                  .certified_as = "pools"},
                 proof);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_carve_out(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "carve_out",
                 .summary = "What is taken out of a pool and what is left are the pool.",
                 .verify = verify::verify_carve_out});
}

}  // namespace tallymill
