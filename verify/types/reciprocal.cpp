#include "verify/key_sums.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

void verify_reciprocal(Engine& engine, const RecordedJob& job, Proof& proof) {
  const Options pool = job.options.object("pool");
  const std::vector<std::string> centre{pool.text("centre")};
  const std::string into = job.options.text("into");
  check_key_sums(engine, job,
                 {.name = "of every centre: in = allocated + parked",
                  .left = {{"in", input_versions(job, "pool"), centre, pool.text("amount")}},
                  .right = {{"allocated", {made_version(job, into)}, centre, "amount"},
                            {"parked", {made_version(job, job.job + ".parked")}, centre, "amount"}},
                  .certified_as = "pools"},
                 proof);
  proof.leaves_out("the shares of receivers: the equations are not solved again");
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_reciprocal(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "reciprocal",
                 .summary = "What every centre costs reaches receivers, or is parked.",
                 .verify = verify::verify_reciprocal});
}

}  // namespace tallymill
