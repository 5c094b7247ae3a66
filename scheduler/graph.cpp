#include "scheduler/graph.h"

#include <algorithm>

namespace tallymill {

const JobNode* Graph::find(std::string_view job) const {
  const auto at = std::lower_bound(
      by_name.begin(), by_name.end(), job,
      [this](JobIndex index, std::string_view wanted) { return jobs[index].spec.name < wanted; });
  return at != by_name.end() && jobs[*at].spec.name == job ? &jobs[*at] : nullptr;
}

}  // namespace tallymill
