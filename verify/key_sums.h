#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// A dataset's part in an identity of sums by key.
struct KeySum {
  std::string label;  ///< "in", "taken"
  std::vector<RecordedVersion> versions = {};
  std::vector<std::string> key = {};  ///< its columns, in the order of the others'
  std::string amount = {};            ///< its column
  std::string where = {};             ///< SQL; empty: every row
};

/// Amounts by key: what is on the left adds up to what is on the right.
struct KeyIdentity {
  std::string name;
  std::vector<KeySum> left = {};
  std::vector<KeySum> right = {};
  std::string certified_as = {};  ///< each key is a line of the certificate, under this; or none
};

/// Adds both sides up and names every key of which they differ.
void check_key_sums(Engine& engine, const RecordedJob& job, const KeyIdentity& identity,
                    Proof& proof);

/// The key of what was made, as its manifest has it.
std::vector<std::string> key_of(const RecordedVersion& version);

}  // namespace tallymill::verify
