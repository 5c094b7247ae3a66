#pragma once

#include <set>
#include <string>

#include "core/json.h"
#include "datasets/engine.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

struct VerifyWanted {
  /// Inputs whose files are looked at too: nobody else looks at them.
  std::set<std::string> contents_of = {};
  bool certificate = false;  ///< list every pool and node, not only what fails
};

/// Recomputes what the job published. Gives
/// {"holds", "identities": [{"identity", "times", "failures"}], "failures", "mismatches":
/// [{"dataset", "file", "line", "identity", "expected", "found"}], "left_out": [text], and with a
/// certificate "pools", "nodes"}. docs/verify.md says what each identity means.
json::object verify_job(Engine& engine, const RecordedJob& job, const VerifyWanted& wanted);

}  // namespace tallymill::verify
