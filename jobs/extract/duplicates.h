#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "datasets/engine.h"
#include "jobs/extract/extract_spec.h"
#include "jobs/extract/reject_log.h"

namespace tallymill {

/// The reason of records whose declared key stands on an earlier one.
inline constexpr const char* kDuplicateKey = "duplicate_key";

/// Rows whose declared key stands on an earlier row too (smaller _source, then _line).
struct Duplicates {
  std::int64_t rows = 0;
  std::map<std::string, Int128> amounts;  ///< of the summable columns

  Int128 amount(const std::string& column) const {
    const auto found = amounts.find(column);
    return found == amounts.end() ? 0 : found->second;
  }
};

/// Looks for duplicates in relation `rows` (the declared columns and provenance; `sources` in their
/// order). Costs one aggregation over the key and a sort of the rows concerned.
Duplicates find_duplicates(Engine& engine, const std::string& rows, const ExtractSpec& spec,
                           const std::vector<std::string>& sources);

/// The select of all of `rows` but the duplicates found.
std::string without_duplicates(const std::string& rows);

/// Adds the duplicates to the reject log with their original text, for which `again`, a reader of
/// the same source, is read once more.
void reject_duplicates(Engine& engine, const Duplicates& duplicates, const ExtractSpec& spec,
                       RecordReader& again, RejectLog& rejects);

}  // namespace tallymill
