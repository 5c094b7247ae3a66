#include "jobs/input_keys.h"

namespace tallymill {

TableKeys input_keys(JobContext& context, const std::vector<std::string>& datasets) {
  TableKeys keys;
  for (const std::string& dataset : datasets) keys[dataset] = context.schema(dataset).key;
  return keys;
}

}  // namespace tallymill
