#include "scheduler/stale.h"

#include <set>
#include <tuple>
#include <vector>

#include "scheduler/job_name.h"

namespace tallymill {

std::string stale_cause(StoreView& view, const VersionRecord& version) {
  std::set<std::tuple<std::string, std::string, std::string>> seen;
  std::vector<VersionRecord> open{version};
  while (!open.empty()) {
    const VersionRecord current = std::move(open.back());
    open.pop_back();
    if (!seen.emplace(current.graph, current.period, job_name(current.job, current.partition))
             .second)
      continue;
    for (const PinnedVersion& input : view.result_inputs(
             current.graph, current.period, job_name(current.job, current.partition))) {
      auto visible = view.visible(input.dataset, input.period, input.partition);
      if (!visible) continue;
      if (input.version.empty())
        return "it was made when there was no '" + input.dataset + "' of " + input.period +
               ", and now there is version " + visible->id;
      if (visible->digest != input.digest)
        return "it was made from '" + input.dataset + "' version " + input.version +
               ", which version " + visible->id + " has replaced";
      open.push_back(std::move(*visible));
    }
  }
  return {};
}

}  // namespace tallymill
