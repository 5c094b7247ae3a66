#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_problem.h"
#include "core/time/calendar.h"
#include "core/time/date_value.h"
#include "core/time/zone.h"

namespace tallymill {

/// What the names and functions of the date language refer to. No clock: all of it follows from the
/// run's period and its graph.
struct DateScope {
  Period period;
  std::string partition = {};
  /// The value of a parameter by name; empty if there is none.
  std::function<std::optional<DateValue>(const std::string& name)> param = {};
  std::vector<std::string> param_names = {};  ///< for hints
  /// Of the graph; null: none, and work days are an error.
  std::shared_ptr<const Calendar> calendar = nullptr;
  Zone zone = {};                           ///< of the graph's schedule
  std::optional<LocalTime> scheduled = {};  ///< when its schedule first makes this period due
  /// Only kinds of values are asked for (a graph is checked before it has a period): work days and
  /// scheduled times are any days then.
  bool is_open = false;
};

/// A function of the date language. All of them stand in date_functions.cpp; docs/time.md shows
/// each.
struct DateFunction {
  std::string_view name;
  std::string_view arguments;  ///< as documents show them: "date, n"
  std::size_t least = 0;
  std::size_t most = 0;
  /// Throws Error(config) without a place.
  DateValue (*call)(std::span<const DateValue> arguments, const DateScope& scope);
  bool asks_calendar = false;
  bool asks_zone = false;
};
std::span<const DateFunction> date_functions();

/// The names of the language beside its functions: period, scheduled, ...
const std::vector<std::string>& date_names();

/// What the expressions of a text depend on beside the period and the parameters.
struct DateNeeds {
  bool calendar = false;
  bool zone = false;
  bool due = false;  ///< when the schedule makes the period due
};

/// `text` with every `${expression}` replaced. Empty after adding a problem for each expression
/// that cannot be evaluated. Expressions: names, `param:name`, whole numbers, 'texts', + - *,
/// brackets and calls; a date plus a number is so many days later, a period plus a number so many
/// periods.
std::optional<std::string> expand_dates(std::string_view text, const DateScope& scope,
                                        std::vector<TextProblem>& problems);

/// What expanding `text` would need; what is no expression needs nothing.
DateNeeds needs_of(std::string_view text);

}  // namespace tallymill
