#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"

namespace tallymill {

/// What one pass over a dataset took. For metrics, which are never compared: no report shows it
/// unasked. Checks that share a pass share its cost; nobody can tell them apart in one scan.
struct PassCost {
  std::string pass;                 ///< "scan", "keys of unique(user_id)"
  std::vector<std::string> checks;  ///< names
  std::int64_t rows = 0;            ///< of the dataset
  double seconds = 0;

  json::object to_json() const;
};

}  // namespace tallymill
