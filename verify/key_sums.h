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

/// Versions of an input under the option `key` ({dataset, as, ...}). Throws Error(data) if the run
/// has none on record.
std::vector<RecordedVersion> input_versions(const RecordedJob& job, const std::string& key);
/// The version of a dataset the job made. Throws Error(data) if it is not on record.
RecordedVersion made_version(const RecordedJob& job, const std::string& dataset);
/// The key of what was made, as its manifest has it.
std::vector<std::string> key_of(const RecordedVersion& version);

}  // namespace tallymill::verify
