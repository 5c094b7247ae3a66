#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/registry.h"
#include "datasets/engine.h"
#include "verify/content.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// The identities of one job type beyond its ledger: one file under verify/types, named like the
/// job type's. What is read may be wrong in any way; what cannot be judged is said by leaves_out().
struct JobVerifier {
  std::string name;  ///< of the job type
  std::string summary;
  std::function<void(Engine&, const RecordedJob&, Proof&)> verify;
};

}  // namespace tallymill::verify

namespace tallymill {
using verify::JobVerifier;
void register_all_verifiers(Registry<JobVerifier>& verifiers);
}  // namespace tallymill
