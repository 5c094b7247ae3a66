#pragma once

#include <span>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/files/found_files.h"

namespace tallymill {

/// What a delivery must be before a row of it is read: `expect:` of the files connector. How many
/// files, how large, changed when, closed by a checksum, none twice.
class FileExpectations {
 public:
  static std::vector<OptionSpec> options();
  /// Reports what no delivery can be.
  static void check(const Options& from, Diagnostics& diagnostics);
  /// Throws Error(data) that names every expectation `files` do not meet, file by file.
  static void require(std::span<const FoundFile> files, const ReadRequest& request);
};

}  // namespace tallymill
