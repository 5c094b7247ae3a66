#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// Units of one kind (checks, job types, connectors, commands) by the name users type.
/// Filled by the generated register_all_<kind>() of cmake/TallymillUnits.cmake.
template <class Unit>
class Registry {
 public:
  void add(Unit unit) {
    std::string name = unit.name;
    if (!units_.emplace(name, std::move(unit)).second)
      throw std::logic_error("two units are named '" + name + "'");
  }
  const Unit* find(std::string_view name) const {
    auto it = units_.find(name);
    return it == units_.end() ? nullptr : &it->second;
  }
  /// In name order.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    result.reserve(units_.size());
    for (const auto& [name, unit] : units_) result.push_back(name);
    return result;
  }
  auto begin() const { return units_.begin(); }
  auto end() const { return units_.end(); }

 private:
  std::map<std::string, Unit, std::less<>> units_;
};

}  // namespace tallymill
