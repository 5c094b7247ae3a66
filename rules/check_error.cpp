#include "rules/check_error.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

/// Several checks may have asked for one sum; a message that lists a hundred helps nobody.
constexpr std::size_t kNamedChecks = 3;

std::string where_it_stands(const PlannedCheck& check) {
  return "'" + check.settings().name + "' (" + check.settings().position.text() + ")";
}

std::vector<std::string> columns_of(const PlannedCheck& check) {
  std::vector<std::string> columns = check.plan.columns;
  if (check.amount && std::count(columns.begin(), columns.end(), check.amount->column) == 0)
    columns.push_back(check.amount->column);
  return columns;
}

std::string on_columns(const std::vector<std::string>& columns) {
  if (columns.empty()) return {};
  return (columns.size() == 1 ? " on column " : " on columns ") + join(columns, ", ");
}

}  // namespace

Error error_of_checks(const PlannedSuite& suite, const std::vector<std::size_t>& checks,
                      const Error& error) {
  const PlannedCheck& first = suite.checks[checks.front()];
  const bool is_masked = std::any_of(checks.begin(), checks.end(),
                                     [&](std::size_t i) { return suite.checks[i].is_masked; });
  std::string what =
      is_masked ? "a value that is computed of a sensitive column is out of range or cannot be read"
                : error.message();
  while (what.ends_with('!') || what.ends_with('.')) what.pop_back();
  Error named(error.error_class(),
              what + "; correct the value, or leave its rows out with `where` of the check",
              error.where());
  for (const std::string& context : error.context()) named.add_context(context);

  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(checks.size(), kNamedChecks); ++i)
    names.push_back(where_it_stands(suite.checks[checks[i]]));
  std::string running = (checks.size() == 1 ? "running check " : "running checks ");
  running += join(names, ", ");
  if (checks.size() > names.size())
    running += " and " + std::to_string(checks.size() - names.size()) + " more";
  named.add_context(running + on_columns(columns_of(first)));
  return named;
}

}  // namespace tallymill
