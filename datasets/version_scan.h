#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Registers the digest aggregate for this schema and returns its call over the columns, with
/// those of the provenance if the schema has it. version_digests() reads what it gives.
std::string add_digest_function(Engine& engine, const Schema& schema);

/// The digests of one version's rows, "v1:<rows>:<32 hex>" each.
struct VersionDigests {
  std::string content;     ///< of the business columns, see content_digest()
  std::string provenance;  ///< of the rows with _source and _line; empty if there are none
};
VersionDigests version_digests(const std::string& text);

/// What one pass over a version's rows tells about it.
struct VersionScan {
  VersionDigests digests;
  std::int64_t rows = 0;
  std::map<std::string, std::string> amounts;  ///< summable column -> exact sum
  /// Rows whose key's hash equals an earlier one's; 0 means that every key is unique, more that
  /// the keys themselves must be compared. 0 if they were not to be looked at.
  std::int64_t repeated_keys = 0;
};

struct ScanRules {
  /// Counts what a published dataset may not hold: missing required values, texts outside an enum,
  /// decimals beyond their declared digits, null keys.
  bool is_strict = true;
  bool compares_keys = true;
  std::int64_t rows = 0;  ///< how many there are at most: decides about the passes over keys
  /// Bytes the hashes of keys may take; more keys take more passes over them.
  std::int64_t key_memory = std::int64_t{1} << 30;
};

/// Digests, count, sums, defects and repeated keys of `relation` in one pass. Throws Error(data)
/// naming dataset, column and count if there are defects.
VersionScan scan_version(Engine& engine, const std::string& relation, const std::string& dataset,
                         const Schema& schema, const ScanRules& rules);

/// Throws Error(data) with the first few duplicates if the schema's key is not unique; values of
/// sensitive columns are masked.
void require_unique_key(Engine& engine, const std::string& relation, const std::string& dataset,
                        const Schema& schema);

}  // namespace tallymill
