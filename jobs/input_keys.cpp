#include "jobs/input_keys.h"

#include <algorithm>

namespace tallymill {

TableKeys input_keys(JobContext& context, const std::vector<std::string>& datasets) {
  TableKeys keys;
  const std::vector<std::string>& several = context.task().several;
  for (const std::string& dataset : datasets) {
    std::vector<std::string>& key = keys[dataset];
    key = context.schema(dataset).key;
    // Of several versions together a key is unique within each.
    if (!key.empty() && std::find(several.begin(), several.end(), dataset) != several.end())
      key.insert(key.end(), {kPeriodColumn, kPartitionColumn});
  }
  return keys;
}

}  // namespace tallymill
