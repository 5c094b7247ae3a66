#include "verify/verify.h"

#include <map>
#include <string>

#include "core/error.h"
#include "verify/content.h"
#include "verify/ledger.h"
#include "verify/proof.h"
#include "verify/published_rows.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

/// Rows and sums of an input, for the books. Where its content is looked at with the job that made
/// it, its manifest is believed here.
Content content_of(Engine& engine, const std::vector<RecordedVersion>& versions, bool is_checked,
                   Proof& proof) {
  Content all;
  for (const RecordedVersion& version : versions) {
    const Content one =
        is_checked ? check_content(engine, version, proof) : told_content(version.folder);
    all.rows += one.rows;
    for (const auto& [column, sum] : one.sums) {
      Content::Sum& into = all.sums[column];
      into.units += sum.units;
      into.scale = sum.scale;
    }
  }
  return all;
}

}  // namespace

json::object verify_job(Engine& engine, const RecordedJob& job, const VerifyWanted& wanted) {
  Proof proof;
  std::map<std::string, Content> contents;
  for (const RecordedVersion& version : job.made)
    contents[version.dataset] = check_content(engine, version, proof);
  Registry<JobVerifier> verifiers;
  register_all_verifiers(verifiers);
  try {
    for (const auto& [name, versions] : job.inputs)
      contents[name] = content_of(engine, versions, wanted.contents_of.contains(name), proof);
    check_ledger(job, contents, proof);
    if (const JobVerifier* verifier = verifiers.find(job.type))
      verifier->verify(engine, job, proof);
  } catch (const Error& error) {
    proof.fails({.dataset = job.job,
                 .identity = "what was read and made can be read again",
                 .expected = "rows",
                 .found = error.what()});
  }
  json::object told = proof.to_json();
  if (!wanted.certificate) {
    told.erase("pools");
    told.erase("nodes");
  }
  return told;
}

}  // namespace tallymill::verify
