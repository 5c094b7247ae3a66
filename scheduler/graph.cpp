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
  std::map<std::string, const PartitionAxis*> tables;
  for (const JobNode& job : jobs)
    if (job.axis && !job.axis->file.empty()) tables.emplace(job.axis->name, job.axis.get());
  if (block_documents.empty() && tables.empty()) return sha256;
  Fingerprint fingerprint;
  fingerprint.add(sha256);
  for (const auto& block : block_documents) fingerprint.add(block->file()).add(block->text());
  for (const auto& [axis_name, axis] : tables) {
    fingerprint.add(axis->file);
    for (const std::string& value : axis->values) fingerprint.add(value);
  }
  return fingerprint.hex();
}

std::vector<std::string> Graph::names_of(std::string_view job) const {
  std::vector<std::string> names;
  if (const JobNode* whole = find(job); whole && !whole->was_spread) names.emplace_back(job);
  const std::string opening = std::string(job) + "[";
  const auto before = [this](JobIndex index, std::string_view wanted) {
    return jobs[index].spec.name < wanted;
  };
  for (auto at =
           std::lower_bound(by_name.begin(), by_name.end(), std::string_view(opening), before);
       at != by_name.end() && jobs[*at].spec.name.starts_with(opening); ++at)
    names.push_back(jobs[*at].spec.name);
  return names;
}

const JobNode* Graph::find_job(std::string_view job) const {
  if (const JobNode* whole = find(job)) return whole;
  const std::vector<std::string> names = names_of(job);
  return names.empty() ? nullptr : find(names.front());
}

}  // namespace tallymill
