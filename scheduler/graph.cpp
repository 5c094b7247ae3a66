#include "scheduler/graph.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "core/digest.h"
#include "core/text_order.h"

namespace tallymill {

namespace {

std::uint32_t hash_of_name(std::string_view name) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(name));
}

}  // namespace

void Graph::index_names() {
  std::vector<std::string_view> names;
  names.reserve(jobs.size());
  for (const JobNode& job : jobs) names.push_back(job.spec.name);
  by_name = text_order(names);
  // At most half full, so that searches are short.
  name_slots.assign(std::bit_ceil(2 * jobs.size() + 1), {});
  const std::size_t mask = name_slots.size() - 1;
  for (JobIndex j = 0; j < jobs.size(); ++j) {
    const std::uint32_t hash = hash_of_name(names[j]);
    std::size_t at = hash & mask;
    // Of two jobs of one name, which is reported, the first counts.
    while (name_slots[at].job != NameSlot::kFree &&
           (name_slots[at].hash != hash || names[name_slots[at].job] != names[j]))
      at = (at + 1) & mask;
    if (name_slots[at].job == NameSlot::kFree) name_slots[at] = {hash, j};
  }
}

const JobNode* Graph::find(std::string_view job) const {
  if (name_slots.empty()) return nullptr;
  const std::size_t mask = name_slots.size() - 1;
  const std::uint32_t hash = hash_of_name(job);
  for (std::size_t at = hash & mask; name_slots[at].job != NameSlot::kFree; at = (at + 1) & mask)
    if (name_slots[at].hash == hash && jobs[name_slots[at].job].spec.name == job)
      return &jobs[name_slots[at].job];
  return nullptr;
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
