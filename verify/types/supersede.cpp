#include "verify/key_sums.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

void verify_supersede(Engine& engine, const RecordedJob& job, Proof& proof) {
  const std::vector<std::string> by = job.options.columns("by");
  const RecordedVersion into = made_version(job, job.options.text("into"));
  const auto figures = [&](const char* which) {
    return KeySum{which, input_versions(job, which), by, job.options.object(which).text("amount")};
  };
  const auto counting = [&](const std::string& origin) {
    return KeySum{"counting", {into}, by, "amount", "origin = '" + origin + "'"};
  };
  check_key_sums(
      engine, job,
      {.name = "of every group: manual = counting + superseded",
       .left = {figures("manual")},
       .right = {counting("manual"),
                 {"superseded", {made_version(job, job.job + ".superseded")}, by, "amount"}}},
      proof);
  check_key_sums(engine, job,
                 {.name = "of every group: derived = counting",
                  .left = {figures("derived")},
                  .right = {counting("derived")}},
                 proof);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_supersede(Registry<JobVerifier>& verifiers) {
  verifiers.add({.name = "supersede",
                 .summary = "Figures count or are superseded, and none is lost.",
                 .verify = verify::verify_supersede});
}

}  // namespace tallymill
