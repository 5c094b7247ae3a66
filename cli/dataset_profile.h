#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"
#include "core/json.h"

namespace tallymill {

/// --period, --partition, --encoding, --delimiter and --reveal (with --reason), for commands that
/// profile a dataset or a file.
std::vector<Flag> profile_flags();

/// Profiles what argument DATASET names: the visible version of a dataset or, where it names a file
/// that is there, that CSV file. In a worker; docs/profile.md says what the answer holds. Throws
/// Error(config) naming the nearest dataset.
json::object profile_of(const Invocation& invocation);

/// What all values of a text column read as, the narrowest type of several; null if nothing. Of the
/// profile's `rows`.
const json::object* reading_of_all(const json::object& column, std::int64_t rows);

/// The profile as tables: for a terminal, and as one page.
std::string profile_text(const json::object& profile);
std::string profile_page(const json::object& profile);

/// Checks that the profile suggests, as a check job's YAML: each with its support (rows) and its
/// confidence (the lower end of the 95 % Wilson interval of the share of rows that agree). Of a
/// file an extract job that reads it stands before, with the types its columns read as.
std::string suggested_checks(const json::object& profile);

}  // namespace tallymill
