#include "scheduler/forecast.h"

#include <algorithm>
#include <limits>
#include <queue>

namespace tallymill {
namespace {

using Millis = std::chrono::milliseconds;

constexpr std::int64_t kLeastTrials = 100;
/// Work is bounded: a graph of 100,000 jobs is played through less often.
constexpr std::int64_t kMostJobTrials = 4'000'000;
constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

/// splitmix64: the same numbers on every machine.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  /// From 0 to bound - 1.
  std::size_t below(std::size_t bound) {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

Millis percentile(std::vector<Millis> values, int percent) {
  if (values.empty()) return Millis(0);
  const std::size_t rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Jobs of the request by their place in it.
struct Node {
  const ForecastJob* asked = nullptr;
  const JobNode* job = nullptr;
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> after;
  std::vector<Millis> samples;
};

/// One run played through: list scheduling, as Slots does it.
class Trial {
 public:
  Trial(const std::vector<Node>& nodes, const ForecastRequest& request, std::uint64_t seed)
      : nodes_(nodes), pools_left_(request.pools), chance_(seed), slots_left_(request.slots) {
    for (const Node& node : nodes_) {
      waits_for_.push_back(static_cast<std::uint32_t>(node.before.size()));
      // Drawn in order, whatever order jobs start in: one job more changes no other's chance.
      lengths_.push_back(length_of(node));
    }
    end_.assign(nodes_.size(), Millis(0));
    held_up_by_.assign(nodes_.size(), kNobody);
  }

  void play() {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].asked->is_running) start(i, Millis(0), kNobody);
    for (std::uint32_t i = 0; i < nodes_.size(); ++i)
      if (waits_for_[i] == 0 && !nodes_[i].asked->is_running) make_ready(i, kNobody);
    start_ready(Millis(0), kNobody);
    while (!running_.empty()) {
      const auto [end, index] = running_.top();
      running_.pop();
      give_back(index);
      for (const std::uint32_t next : nodes_[index].after)
        if (--waits_for_[next] == 0) make_ready(next, index);
      start_ready(end, index);
      last_ = index;
    }
  }

  Millis end() const { return last_ == kNobody ? Millis(0) : end_[last_]; }
  Millis end_of(std::uint32_t index) const { return end_[index]; }
  /// What held up the end, last first.
  std::vector<std::uint32_t> critical() const {
    std::vector<std::uint32_t> path;
    for (std::uint32_t at = last_; at != kNobody; at = held_up_by_[at]) path.push_back(at);
    return path;
  }

 private:
  struct Later {
    const std::vector<Node>* nodes;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      const int first = (*nodes)[a].job->priority;
      const int second = (*nodes)[b].job->priority;
      return first != second ? first < second : a > b;
    }
  };
  using Ready = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, Later>;
  using Running = std::pair<Millis, std::uint32_t>;

  Millis length_of(const Node& node) {
    if (!node.asked->is_running) return node.samples[chance_.below(node.samples.size())];
    // A job at work takes as long as one of the runs that took longer than it has by now.
    std::vector<Millis> longer;
    for (const Millis sample : node.samples)
      if (sample > node.asked->ran) longer.push_back(sample);
    if (longer.empty()) return node.asked->ran / 10;
    return longer[chance_.below(longer.size())] - node.asked->ran;
  }

  void make_ready(std::uint32_t index, std::uint32_t because_of) {
    held_up_by_[index] = because_of;
    ready_.try_emplace(nodes_[index].job->resource_pool, Later{&nodes_}).first->second.push(index);
  }

  bool has_room(const std::string& pool) const {
    const auto left = pools_left_.find(pool);
    return left == pools_left_.end() || left->second > 0;
  }

  /// `freed_by`: whose end made the room.
  void start_ready(Millis now, std::uint32_t freed_by) {
    while (slots_left_ > 0) {
      Ready* best = nullptr;
      for (auto& [pool, ready] : ready_)
        if (!ready.empty() && has_room(pool) &&
            (best == nullptr || Later{&nodes_}(best->top(), ready.top())))
          best = &ready;
      if (best == nullptr) return;
      const std::uint32_t index = best->top();
      best->pop();
      start(index, now, freed_by);
    }
  }

  void start(std::uint32_t index, Millis now, std::uint32_t freed_by) {
    // Whoever ended just now held it up: the last job it waited for, or the holder of its slot.
    const std::uint32_t before = held_up_by_[index];
    if (freed_by != kNobody && (before == kNobody || end_[before] < now))
      held_up_by_[index] = freed_by;
    --slots_left_;
    if (const auto left = pools_left_.find(nodes_[index].job->resource_pool);
        left != pools_left_.end())
      --left->second;
    end_[index] = now + lengths_[index];
    running_.emplace(end_[index], index);
  }

  void give_back(std::uint32_t index) {
    ++slots_left_;
    if (const auto left = pools_left_.find(nodes_[index].job->resource_pool);
        left != pools_left_.end())
      ++left->second;
  }

  const std::vector<Node>& nodes_;
  std::map<std::string, int> pools_left_;
  Chance chance_;
  int slots_left_;
  std::vector<std::uint32_t> waits_for_;
  std::vector<Millis> lengths_;
  std::vector<Millis> end_;
  std::vector<std::uint32_t> held_up_by_;
  std::map<std::string, Ready> ready_;
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running_;
  std::uint32_t last_ = kNobody;
};

/// What a job without history is taken to need: the middle of what the others did.
Millis typical(const ForecastRequest& request) {
  std::vector<Millis> all;
  for (const ForecastJob& job : request.jobs)
    all.insert(all.end(), job.history.begin(), job.history.end());
  return percentile(std::move(all), 50);
}

std::vector<Node> nodes_of(const ForecastRequest& request) {
  std::vector<std::uint32_t> place(request.graph->jobs.size(), kNobody);
  for (std::uint32_t i = 0; i < request.jobs.size(); ++i) place[request.jobs[i].job] = i;
  const Millis unknown = typical(request);
  std::vector<Node> nodes(request.jobs.size());
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    nodes[i].asked = &request.jobs[i];
    nodes[i].job = &request.graph->jobs[request.jobs[i].job];
    nodes[i].samples = request.jobs[i].history;
    if (nodes[i].samples.empty()) nodes[i].samples.push_back(unknown);
    for (const JobIndex dependent : nodes[i].job->dependents)
      if (place[dependent] != kNobody) {
        nodes[i].after.push_back(place[dependent]);
        nodes[place[dependent]].before.push_back(i);
      }
  }
  return nodes;
}

std::int64_t trials_for(const ForecastRequest& request) {
  const auto jobs = static_cast<std::int64_t>(std::max<std::size_t>(request.jobs.size(), 1));
  const std::int64_t affordable = std::max(kMostJobTrials / jobs, kLeastTrials);
  return std::min<std::int64_t>(affordable, std::max(request.most_trials, 1));
}

}  // namespace

Forecast forecast(const ForecastRequest& request) {
  const std::vector<Node> nodes = nodes_of(request);
  const std::int64_t trials = trials_for(request);
  std::vector<std::vector<Millis>> ends(nodes.size());
  std::vector<std::pair<Millis, std::uint64_t>> runs;  // end, seed
  std::vector<std::int64_t> critical(nodes.size(), 0);
  for (std::int64_t i = 0; i < trials; ++i) {
    const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(i) * 0x632be59bd9b4e019U;
    Trial trial(nodes, request, seed);
    trial.play();
    for (std::uint32_t job = 0; job < nodes.size(); ++job) ends[job].push_back(trial.end_of(job));
    for (const std::uint32_t job : trial.critical()) ++critical[job];
    runs.emplace_back(trial.end(), seed);
  }
  Forecast result;
  result.trials = static_cast<int>(trials);
  for (std::uint32_t job = 0; job < nodes.size(); ++job) {
    JobOutlook outlook{request.jobs[job].job,
                       request.jobs[job].history.size(),
                       percentile(ends[job], 50),
                       percentile(ends[job], 90),
                       static_cast<double>(critical[job]) / static_cast<double>(trials),
                       {}};
    for (const Millis deadline : request.jobs[job].deadlines) {
      const auto missed = std::count_if(ends[job].begin(), ends[job].end(),
                                        [&](Millis end) { return end > deadline; });
      outlook.missed_ratios.push_back(static_cast<double>(missed) / static_cast<double>(trials));
    }
    result.jobs.push_back(std::move(outlook));
  }
  std::sort(runs.begin(), runs.end());
  result.p50 = runs[(runs.size() * 50 + 99) / 100 - 1].first;
  result.p90 = runs[(runs.size() * 90 + 99) / 100 - 1].first;
  Trial middle(nodes, request, runs[(runs.size() * 50 + 99) / 100 - 1].second);
  middle.play();
  for (const std::uint32_t job : middle.critical())
    result.critical_path.push_back(request.jobs[job].job);
  std::reverse(result.critical_path.begin(), result.critical_path.end());
  return result;
}

}  // namespace tallymill
