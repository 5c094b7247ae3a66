#include "books/reciprocal.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <optional>
#include <set>

#include "core/error.h"

namespace tallymill::books {
namespace {

using Whole = boost::multiprecision::cpp_int;
using Ratio = boost::multiprecision::cpp_rational;

/// Who serves whom with what share of its services.
using Shares = std::map<std::string, std::map<std::string, Ratio>>;
/// What of one unit of a centre's cost ends at which receiver.
using Ends = std::map<std::string, Ratio>;

Shares shares_of(const std::vector<Service>& services) {
  std::map<std::string, std::map<std::string, Whole>> units;
  for (const Service& service : services) {
    if (service.units < 0)
      throw Error(ErrorClass::data, "the service of " + service.from + " to " + service.to +
                                        " has negative units: " + std::to_string(service.units));
    if (service.units > 0) units[service.from][service.to] += service.units;
  }
  Shares shares;
  for (auto& [from, served] : units) {
    Whole total = 0;
    for (const auto& [to, count] : served)
      if (to != from) total += count;
    for (const auto& [to, count] : served)
      if (to != from) shares[from][to] = Ratio(count, total);
    // A centre that serves itself alone is a loop of its own.
    if (total == 0) shares[from][from] = 1;
  }
  return shares;
}

/// Strongly connected components, each before those that serve it (Tarjan). Recursion is as deep as
/// the longest chain of centres.
class Components {
 public:
  explicit Components(const Shares& shares) : shares_(shares) {
    for (const auto& [centre, served] : shares)
      if (!numbers_.contains(centre)) visit(centre);
  }
  const std::vector<std::vector<std::string>>& all() const { return found_; }

 private:
  struct Mark {
    std::size_t number = 0;
    std::size_t low = 0;
    bool on_stack = true;
  };

  void visit(const std::string& centre) {
    const std::size_t number = numbers_.size();
    numbers_[centre] = {number, number, true};
    stack_.push_back(centre);
    for (const auto& [to, share] : shares_.at(centre)) {
      if (!shares_.contains(to)) continue;
      if (!numbers_.contains(to)) {
        visit(to);
        numbers_[centre].low = std::min(numbers_[centre].low, numbers_[to].low);
      } else if (numbers_[to].on_stack) {
        numbers_[centre].low = std::min(numbers_[centre].low, numbers_[to].number);
      }
    }
    if (numbers_[centre].low != number) return;
    std::vector<std::string> component;
    do {
      component.push_back(stack_.back());
      numbers_[stack_.back()].on_stack = false;
      stack_.pop_back();
    } while (component.back() != centre);
    std::sort(component.begin(), component.end());
    found_.push_back(std::move(component));
  }

  const Shares& shares_;
  std::map<std::string, Mark> numbers_;
  std::vector<std::string> stack_;
  std::vector<std::vector<std::string>> found_;
};

/// Solves centre = ends of what it serves, for the centres of one component at once.
class Solution {
 public:
  explicit Solution(const Shares& shares) : shares_(shares) {
    const Components components(shares);
    for (const auto& component : components.all()) solve(component);
  }

  const std::map<std::string, Ends>& ends() const { return ends_; }
  /// The loop that keeps a centre's cost; empty: there is none.
  std::string loop_of(const std::string& centre) const {
    const auto it = loops_.find(centre);
    return it == loops_.end() ? std::string() : it->second;
  }

 private:
  void solve(const std::vector<std::string>& component);
  std::string closed_loop(const std::vector<std::string>& component) const;
  std::string loop_through(const std::vector<std::string>& component) const;

  const Shares& shares_;
  std::map<std::string, Ends> ends_;
  std::map<std::string, std::string> loops_;
};

/// The smallest way round, by name, from the smallest centre that comes back.
std::string Solution::loop_through(const std::vector<std::string>& component) const {
  std::vector<std::string> way{component.front()};
  std::set<std::string> passed;
  while (passed.insert(way.back()).second) way.push_back(shares_.at(way.back()).begin()->first);
  const auto first = std::find(way.begin(), way.end(), way.back());
  std::string text;
  for (auto it = first; it != way.end(); ++it) text += (text.empty() ? "" : " -> ") + *it;
  return text;
}

/// What keeps the cost of the component: itself, if nothing leaves it, or what it serves.
std::string Solution::closed_loop(const std::vector<std::string>& component) const {
  const std::set<std::string> own(component.begin(), component.end());
  bool is_left = false;
  for (const std::string& centre : component)
    for (const auto& [to, share] : shares_.at(centre)) {
      if (own.contains(to)) continue;
      is_left = true;
      if (std::string loop = loop_of(to); !loop.empty()) return loop;
    }
  return is_left ? std::string() : loop_through(component);
}

void Solution::solve(const std::vector<std::string>& component) {
  if (const std::string loop = closed_loop(component); !loop.empty()) {
    for (const std::string& centre : component) loops_[centre] = loop;
    return;
  }
  // Row i says: own i minus shares of the others in the component = ends outside it.
  const std::size_t size = component.size();
  std::vector<std::vector<Ratio>> matrix(size, std::vector<Ratio>(size));
  std::vector<Ends> right(size);
  for (std::size_t i = 0; i < size; ++i) {
    matrix[i][i] = 1;
    for (const auto& [to, share] : shares_.at(component[i])) {
      const auto inside = std::lower_bound(component.begin(), component.end(), to);
      if (inside != component.end() && *inside == to) {
        matrix[i][static_cast<std::size_t>(inside - component.begin())] -= share;
      } else if (const auto solved = ends_.find(to); solved != ends_.end()) {
        for (const auto& [receiver, part] : solved->second) right[i][receiver] += share * part;
      } else {
        right[i][to] += share;
      }
    }
  }
  // Gauss-Jordan. Nothing is lost to rounding, and a component that is left has a solution: its
  // matrix is diagonally dominant, so no pivot is 0.
  for (std::size_t pivot = 0; pivot < size; ++pivot) {
    const Ratio scale = 1 / matrix[pivot][pivot];
    for (Ratio& cell : matrix[pivot]) cell *= scale;
    for (auto& [receiver, part] : right[pivot]) part *= scale;
    for (std::size_t row = 0; row < size; ++row) {
      const Ratio factor = matrix[row][pivot];
      if (row == pivot || factor == 0) continue;
      for (std::size_t column = pivot; column < size; ++column)
        matrix[row][column] -= factor * matrix[pivot][column];
      for (const auto& [receiver, part] : right[pivot]) right[row][receiver] -= factor * part;
    }
  }
  for (std::size_t i = 0; i < size; ++i) ends_[component[i]] = std::move(right[i]);
}

/// Largest remainder over rational shares that add up to 1.
std::vector<ServicePart> split(const ServicePool& pool, const Ends& ends) {
  const Whole magnitude = abs(Whole(pool.amount));
  Whole left = magnitude;
  std::vector<std::pair<Ratio, ServicePart*>> rests;
  std::vector<ServicePart> parts;
  parts.reserve(ends.size());
  for (const auto& [receiver, share] : ends) {
    if (share == 0) continue;
    const Ratio exact = share * magnitude;
    const Whole whole = numerator(exact) / denominator(exact);
    left -= whole;
    parts.push_back({pool.centre, receiver, static_cast<std::int64_t>(whole)});
    rests.emplace_back(exact - whole, &parts.back());
  }
  std::stable_sort(rests.begin(), rests.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < static_cast<std::size_t>(left); ++i) ++rests[i].second->amount;
  if (pool.amount < 0)
    for (ServicePart& part : parts) part.amount = -part.amount;
  return parts;
}

}  // namespace

ReciprocalSplit split_reciprocally(const std::vector<ServicePool>& pools,
                                   const std::vector<Service>& services) {
  const Shares shares = shares_of(services);
  const Solution solution(shares);
  std::vector<ServicePool> ordered = pools;
  std::sort(ordered.begin(), ordered.end(),
            [](const ServicePool& a, const ServicePool& b) { return a.centre < b.centre; });
  ReciprocalSplit result;
  for (const ServicePool& pool : ordered) {
    if (const std::string loop = solution.loop_of(pool.centre); !loop.empty()) {
      result.closed.push_back({pool.centre, loop});
      continue;
    }
    const auto ends = solution.ends().find(pool.centre);
    const std::vector<ServicePart> parts =
        split(pool, ends == solution.ends().end() ? Ends{{pool.centre, 1}} : ends->second);
    result.parts.insert(result.parts.end(), parts.begin(), parts.end());
  }
  return result;
}

}  // namespace tallymill::books
