#include "jobs/input_keys.h"

#include <algorithm>

namespace tallymill {

bool reads_several(JobContext& context, const std::string& input) {
  const std::vector<std::string>& several = context.task().several;
  return std::ranges::find(several, input) != several.end();
}

bool is_unique_by(JobContext& context, const std::string& input,
                  const std::vector<std::string>& columns) {
  const std::vector<std::string>& key = context.schema(input).key;
  return !key.empty() && std::ranges::is_permutation(columns, key) &&
         !reads_several(context, input);
}

TableKeys input_keys(JobContext& context, const std::vector<std::string>& datasets) {
  TableKeys keys;
  for (const std::string& dataset : datasets) {
    std::vector<std::string>& key = keys[dataset];
    key = context.schema(dataset).key;
    // Of several versions together a key is unique within each.
    if (!key.empty() && reads_several(context, dataset))
      key.insert(key.end(), {kPeriodColumn, kPartitionColumn});
  }
  return keys;
}

}  // namespace tallymill
