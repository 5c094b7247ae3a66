#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// The schema's business columns as quoted identifiers, in order.
std::vector<std::string> quoted_names(const Schema& schema);

/// Registers the digest aggregate for this schema and returns its call over the columns.
std::string add_digest_function(Engine& engine, const Schema& schema);

/// What one pass over a version's rows tells about it.
struct VersionScan {
  std::string digest;
  std::int64_t rows = 0;
  std::map<std::string, std::string> amounts;  ///< summable column -> exact sum
};

/// Digest, count and sums of `relation` in one pass. With `strict` the same pass counts what a
/// published dataset may not hold: missing required values, texts outside an enum, decimals beyond
/// their declared digits, null keys. Throws Error(data) naming dataset, column and count.
VersionScan scan_version(Engine& engine, const std::string& relation, const std::string& dataset,
                         const Schema& schema, bool strict);

/// Throws Error(data) with the first few duplicates if the schema's key is not unique; values of
/// sensitive columns are masked.
void require_unique_key(Engine& engine, const std::string& relation, const std::string& dataset,
                        const Schema& schema);

}  // namespace tallymill
