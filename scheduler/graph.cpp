#include "scheduler/graph.h"

#include <algorithm>

#include "core/digest.h"

namespace tallymill {

const JobNode* Graph::find(std::string_view job) const {
  const auto at = std::lower_bound(
      by_name.begin(), by_name.end(), job,
      [this](JobIndex index, std::string_view wanted) { return jobs[index].spec.name < wanted; });
  return at != by_name.end() && jobs[*at].spec.name == job ? &jobs[*at] : nullptr;
}

std::string Graph::content_hash() const {
  if (block_documents.empty()) return sha256;
  Fingerprint fingerprint;
  fingerprint.add(sha256);
  for (const auto& block : block_documents) fingerprint.add(block->file()).add(block->text());
  return fingerprint.hex();
}

}  // namespace tallymill
