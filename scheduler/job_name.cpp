#include "scheduler/job_name.h"

namespace tallymill {

JobName split_job_name(std::string_view name) {
  const std::size_t open = name.find('[');
  if (open == std::string_view::npos || !name.ends_with(']')) return {name, {}};
  return {name.substr(0, open), name.substr(open + 1, name.size() - open - 2)};
}

std::string job_name(std::string_view job, std::string_view partition) {
  std::string name(job);
  if (!partition.empty()) name.append("[").append(partition).append("]");
  return name;
}

}  // namespace tallymill
