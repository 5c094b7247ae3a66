#include "verify/key_sums.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

void verify_delta(Engine& engine, const RecordedJob& job, Proof& proof) {
  const RecordedVersion into = made_version(job, job.options.text("into"));
  const std::vector<std::string> key = key_of(into);
  KeyIdentity identity{.name = "of every key: what shall stand posted = posted + to post",
                       .right = {{"posted", input_versions(job, "posted"), key,
                                  job.options.object("posted").text("amount")},
                                 {"to post", {into}, key, "amount"}}};
  if (job.options.boolean("reverse"))
    identity.name = "of every key: posted + to post = 0";
  else
    identity.left = {
        {"shall", input_versions(job, "of"), key, job.options.object("of").text("amount")}};
  check_key_sums(engine, job, identity, proof);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_delta(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "delta",
                 .summary = "What was posted and what is to post are what shall stand.",
                 .verify = verify::verify_delta});
}

}  // namespace tallymill
