#include "scheduler/slots.h"

#include <algorithm>

namespace tallymill {

bool Slots::Later::operator()(const ReadyJob& a, const ReadyJob& b) const {
  if (a.priority != b.priority) return a.priority < b.priority;
  return a.run != b.run ? a.run > b.run : a.job > b.job;
}

Slots::Slots(int slots, std::map<std::string, int> pools, int cores)
    : slots_(slots), sizes_(std::move(pools)), cores_(cores) {}

void Slots::resize(int slots, std::map<std::string, int> pools) {
  slots_ = slots;
  sizes_ = std::move(pools);
}

bool Slots::has_room(const std::string& name, const Pool& pool) const {
  const auto size = sizes_.find(name);
  return size == sizes_.end() || pool.used < size->second;
}

bool Slots::is_full(const std::string& name) const {
  const auto pool = pools_.find(name);
  return pool != pools_.end() && !has_room(name, pool->second);
}

void Slots::add(const std::string& pool, const ReadyJob& job) {
  pools_[pool].ready.push(job);
  ++ready_;
}

std::optional<ReadyJob> Slots::next() {
  if (!has_free_slot()) return std::nullopt;
  Pool* best = nullptr;
  const Later later;
  for (auto& [name, pool] : pools_)
    if (!pool.ready.empty() && has_room(name, pool) &&
        (!best || later(best->ready.top(), pool.ready.top())))
      best = &pool;
  if (!best) return std::nullopt;
  const ReadyJob job = best->ready.top();
  best->ready.pop();
  --ready_;
  return job;
}

int Slots::threads_for_next() const {
  const int free = cores_ - threads_used_;
  const int starting = std::min(slots_ - used_, static_cast<int>(std::min<std::size_t>(
                                                    ready_ + 1, static_cast<std::size_t>(slots_))));
  return std::max({1, cores_ / slots_, free / std::max(1, starting)});
}

void Slots::take(const std::string& pool, int threads) {
  ++pools_[pool].used;
  ++used_;
  threads_used_ += threads;
}

void Slots::give_back(const std::string& pool, int threads) {
  --pools_[pool].used;
  --used_;
  threads_used_ -= threads;
}

}  // namespace tallymill
