#include "verify/service_ends.h"

#include <algorithm>

namespace tallymill::verify {
namespace {

/// Weights mean the same when all of them are divided.
void shorten(std::map<std::string, Whole>& weights) {
  Whole common = 0;
  for (const auto& [name, weight] : weights) {
    common = gcd(common, weight);
    if (common == 1) return;
  }
  if (common > 1)
    for (auto& [name, weight] : weights) weight /= common;
}

Whole sum_of(const std::map<std::string, Whole>& weights) {
  Whole sum = 0;
  for (const auto& [name, weight] : weights) sum += weight;
  return sum;
}

/// What `row` gives to `centre` goes on to those it serves: both keep their shares of the whole.
void pass_on(std::map<std::string, Whole>& row, const std::string& centre,
             const std::map<std::string, Whole>& served) {
  const auto found = row.find(centre);
  if (found == row.end()) return;
  const Whole given = found->second;
  row.erase(found);
  const Whole all = sum_of(served);
  for (auto& [name, weight] : row) weight *= all;
  for (const auto& [name, weight] : served) row[name] += given * weight;
  shorten(row);
}

std::vector<std::string> stations_of(const std::string& loop) {
  static const std::string kArrow = " -> ";
  std::vector<std::string> stations;
  std::size_t from = 0;
  for (;;) {
    const std::size_t arrow = loop.find(kArrow, from);
    stations.push_back(loop.substr(from, arrow - from));
    if (arrow == std::string::npos) return stations;
    from = arrow + kArrow.size();
  }
}

}  // namespace

ServiceEnds::ServiceEnds(const Services& services) {
  for (const auto& [centre, served] : services) {
    std::map<std::string, Whole> others;
    bool serves = false;
    for (const auto& [to, units] : served) {
      serves = serves || units > 0;
      if (to != centre && units > 0) others[to] = units;
    }
    if (!others.empty())
      services_[centre] = std::move(others);
    else if (serves)
      alone_.insert(centre);
  }
  find_closed();
  take_out();
}

/// Places that a way leads to any of `places` from, these among them.
std::set<std::string> ServiceEnds::led_to(std::set<std::string> places) const {
  std::map<std::string, std::vector<std::string>> servers;
  for (const auto& [centre, served] : services_)
    for (const auto& [to, units] : served) servers[to].push_back(centre);
  std::vector<std::string> next(places.begin(), places.end());
  while (!next.empty()) {
    const auto found = servers.find(next.back());
    next.pop_back();
    if (found == servers.end()) continue;
    for (const std::string& centre : found->second)
      if (places.insert(centre).second) next.push_back(centre);
  }
  return places;
}

void ServiceEnds::find_closed() {
  std::set<std::string> ends;
  for (const auto& [centre, served] : services_)
    for (const auto& [to, units] : served)
      if (!services_.contains(to) && !alone_.contains(to)) ends.insert(to);
  const std::set<std::string> ending = led_to(std::move(ends));
  endless_ = alone_;
  for (const auto& [centre, served] : services_)
    if (!ending.contains(centre)) endless_.insert(centre);
  closed_ = led_to(endless_);
}

/// Those that serve and are served least first, which keeps rows short.
void ServiceEnds::take_out() {
  Services left;
  std::map<std::string, std::set<std::string>> servers;
  for (const auto& [centre, served] : services_) {
    if (closed_.contains(centre)) continue;
    left[centre] = served;
    shorten(left[centre]);
    for (const auto& [to, units] : served) servers[to].insert(centre);
  }
  while (!left.empty()) {
    const auto next = std::min_element(left.begin(), left.end(), [&](const auto& a, const auto& b) {
      return servers[a.first].size() * a.second.size() < servers[b.first].size() * b.second.size();
    });
    const std::string centre = next->first;
    std::map<std::string, Whole> row = std::move(next->second);
    left.erase(next);
    // What comes back to it goes the same way again.
    row.erase(centre);
    for (const std::string& server : servers[centre]) {
      if (server == centre || !left.contains(server)) continue;
      pass_on(left[server], centre, row);
      for (const auto& [to, units] : row) servers[to].insert(server);
    }
    for (const auto& [to, units] : row) servers[to].erase(centre);
    order_.push_back(centre);
    rows_[centre] = std::move(row);
  }
  // The last one that was taken out serves ends alone, the one before it those and it, ...
  for (auto at = order_.rbegin(); at != order_.rend(); ++at) {
    std::map<std::string, Whole> row = rows_[*at];
    std::vector<std::string> centres;
    for (const auto& [to, units] : row)
      if (rows_.contains(to)) centres.push_back(to);
    for (const std::string& to : centres) pass_on(row, to, ends_.at(to));
    ends_[*at] = std::move(row);
  }
}

const std::map<std::string, Whole>& ServiceEnds::of(const std::string& centre) {
  const auto found = ends_.find(centre);
  return found != ends_.end() ? found->second : ends_[centre] = {{centre, 1}};
}

bool ServiceEnds::keeps(const std::string& loop, const std::string& centre) const {
  const std::vector<std::string> stations = stations_of(loop);
  if (stations.size() < 2 || stations.front() != stations.back()) return false;
  for (std::size_t i = 0; i + 1 < stations.size(); ++i) {
    if (!endless_.contains(stations[i])) return false;
    const bool is_alone = alone_.contains(stations[i]) && stations[i] == stations[i + 1];
    const auto served = services_.find(stations[i]);
    if (!is_alone && (served == services_.end() || !served->second.contains(stations[i + 1])))
      return false;
  }
  return led_to({stations.front()}).contains(centre);
}

std::map<std::string, Int128> parts_by(const std::map<std::string, Whole>& weights, Int128 amount) {
  const Whole all = sum_of(weights);
  const Whole size = amount < 0 ? -amount : amount;
  Whole left = size;
  std::map<std::string, Int128> parts;
  std::vector<std::pair<Whole, std::string>> remainders;
  for (const auto& [name, weight] : weights) {
    const Whole product = size * weight;
    const Whole whole = product / all;
    left -= whole;
    parts[name] = static_cast<Int128>(whole);
    remainders.emplace_back(product % all, name);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++parts[remainders[i].second];
  if (amount < 0)
    for (auto& [name, part] : parts) part = -part;
  return parts;
}

}  // namespace tallymill::verify
