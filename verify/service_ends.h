#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/money.h"

namespace tallymill::verify {

using Whole = boost::multiprecision::cpp_int;

/// Who serves whom with how many units.
using Services = std::map<std::string, std::map<std::string, Whole>>;

/// Where the cost of centres that serve each other ends. Centres are taken out one by one: whoever
/// is served by the one that is taken out is served, in its place, by those that serve it. That is
/// done in whole numbers, so the ends are exact.
class ServiceEnds {
 public:
  explicit ServiceEnds(const Services& services);

  /// What of a centre's cost ends where: whole weights whose sum is all of it. A centre that serves
  /// nobody keeps its own.
  const std::map<std::string, Whole>& of(const std::string& centre);
  /// Whether some of the centre's cost goes round and never ends.
  bool is_closed(const std::string& centre) const { return closed_.contains(centre); }
  /// Whether "A -> B -> A" is a way round that keeps the centre's cost.
  bool keeps(const std::string& loop, const std::string& centre) const;

 private:
  void find_closed();
  void take_out();
  std::set<std::string> led_to(std::set<std::string> places) const;

  Services services_;            ///< of others than oneself, units above nothing
  std::set<std::string> alone_;  ///< centres that serve only themselves
  std::set<std::string> closed_;
  std::set<std::string> endless_;  ///< centres from which no way leads to an end
  Services rows_;  ///< of centres taken out: to those that were still there, or ends
  std::vector<std::string> order_;
  std::map<std::string, std::map<std::string, Whole>> ends_;
};

/// The parts of an amount by weights: of what is left after whole units one each to the largest
/// remainders, ties to the smaller name.
std::map<std::string, Int128> parts_by(const std::map<std::string, Whole>& weights, Int128 amount);

}  // namespace tallymill::verify
