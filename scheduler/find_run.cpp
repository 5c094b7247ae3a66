#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/store_view.h"

namespace tallymill {
namespace {

constexpr int kLooksBack = 1000;  // runs among which a shortened or misspelt name is searched

bool is_short_for(const std::string& text, const RunRecord& run) {
  return run.id.ends_with("." + text) || run.graph == text;
}

Error ambiguous(const std::string& text, const std::vector<const RunRecord*>& found) {
  std::vector<std::string> ids;
  for (const RunRecord* run : found) ids.push_back(run->id);
  return Error(ErrorClass::config,
               "'" + text + "' may be any of " + join(ids, ", ") + "; write more of it");
}

}  // namespace

RunRecord StoreView::find_run(const std::string& text) {
  std::string id = text;
  std::replace(id.begin(), id.end(), '#', '.');
  if (auto exact = run(id)) return *std::move(exact);
  const std::vector<RunRecord> recent = runs("", text.empty() ? 1 : kLooksBack);
  if (recent.empty())
    throw Error(ErrorClass::config, "nothing has run yet; start with 'tallymill run GRAPH'");
  if (text.empty()) return recent.front();
  std::vector<const RunRecord*> found;
  for (const RunRecord& candidate : recent) {
    if (!is_short_for(id, candidate)) continue;
    if (candidate.graph == id) return candidate;  // a graph's name means its newest run
    found.push_back(&candidate);
  }
  if (found.size() > 1) throw ambiguous(text, found);
  if (found.size() == 1) return *found.front();
  std::vector<std::string> ids;
  for (const RunRecord& candidate : recent) {
    ids.push_back(candidate.id);
    ids.push_back(candidate.graph);
  }
  const std::string meant = did_you_mean(id, ids);
  throw Error(ErrorClass::config,
              "there is no run '" + text + "'; " +
                  (meant.empty() ? "'tallymill status' lists the runs there are" : meant));
}

}  // namespace tallymill
