#include "rules/check_cost.h"

#include <algorithm>

namespace tallymill {

json::object PassCost::to_json() const {
  json::array names;
  for (const std::string& check : checks) names.emplace_back(check);
  return {{"pass", pass},
          {"checks", std::move(names)},
          {"rows", rows},
          {"seconds", seconds},
          {"ns_per_row", seconds * 1e9 / static_cast<double>(std::max<std::int64_t>(rows, 1))}};
}

}  // namespace tallymill
