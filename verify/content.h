#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "core/money.h"
#include "datasets/engine.h"
#include "verify/proof.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// Of a dataset as it lies there, all its versions together.
struct Content {
  std::int64_t rows = 0;
  struct Sum {
    Int128 units = 0;
    int scale = 0;
  };
  std::map<std::string, Sum> sums = {};  ///< by summable column, nulls as nothing
};

/// Compares a version with its manifest and with what is on record of it: files and their bytes,
/// rows, digest, sums, and of data that its key is unique and never missing. A version that cannot
/// be read fails; nothing is thrown.
Content check_content(Engine& engine, const RecordedVersion& version, Proof& proof);

/// What the manifest in `folder` tells of rows and sums. Throws Error(data) if there is none.
Content told_content(const std::filesystem::path& folder);

}  // namespace tallymill::verify
