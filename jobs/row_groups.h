#pragma once

#include <string>
#include <vector>

#include "core/text.h"

namespace tallymill {

/// A frame of a window that is the whole partition.
inline constexpr const char* kWholePartition =
    " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";

/// Rows of a cleanse that stand for the same thing, as SQL over the flow's columns at the moment
/// the groups were made: whoever keeps what they say does so before a column is written.
struct RowGroups {
  std::vector<std::string> keys;   ///< rows equal in these are a group
  std::vector<std::string> parts;  ///< rows equal in these, too, are merged
  std::string is_marked;           ///< by earlier steps: such rows rank behind the others
  std::string order;               ///< further terms, each behind a comma
  std::string tie_breaker;         ///< the same: all columns, the provenance and the reasons
  std::string comparable = {};     ///< the row has every value that groups go by

  /// The beginning of a window over rows equal in `by`, ranked by `first` (terms as in `order`) and
  /// then by the order; the caller closes it.
  std::string window(const std::vector<std::string>& by, const std::string& first = {}) const {
    return "OVER (PARTITION BY " + join(by, ", ") + " ORDER BY " + is_marked + first + order +
           tie_breaker;
  }
};

}  // namespace tallymill
