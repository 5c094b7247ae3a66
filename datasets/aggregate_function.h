#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// What one group of an SQL aggregate has taken in. Several may be filled for the same group, each
/// by one thread; merged they must give what one alone would.
class GroupState {
 public:
  virtual ~GroupState() = default;
  virtual void add(std::span<const ColumnView> arguments, std::size_t row) = 0;
  /// Takes in what `other` has, a state of the same aggregate that is not asked again.
  virtual void merge(GroupState& other) = 0;
  /// Writes the group's value to `row` of the result's fields, or sets it null.
  virtual void write(ColumnWriter& result, std::size_t row) const = 0;
};

/// An SQL aggregate for GROUP BY; not for windows.
struct AggregateFunction {
  std::string name;
  std::vector<Type> parameters = {};
  std::vector<Column> result = {};  ///< the fields of a STRUCT
  std::function<std::unique_ptr<GroupState>()> make = {};
};

/// Registers it, unless a function of that name is there already.
void add_aggregate(Engine& engine, const AggregateFunction& function);

}  // namespace tallymill
