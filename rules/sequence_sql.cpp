#include "rules/sequence_sql.h"

#include <algorithm>

#include "core/text.h"
#include "rules/check.h"

namespace tallymill {

std::vector<std::string> SequenceSql::columns() const {
  std::vector<std::string> all;
  for (const auto* part : {&partition, &order, &values})
    for (const std::string& name : *part)
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  return all;
}

std::string SequenceSql::window() const {
  const std::string by = partition.empty() ? "" : "partition by " + join(quoted(partition), ", ");
  return by + " order by " + join(quoted(order), ", ");
}

std::string SequenceSql::position() const {
  std::vector<std::string> all = partition;
  all.insert(all.end(), order.begin(), order.end());
  return "partition by " + join(quoted(all), ", ");
}

std::string SequenceSql::select(const std::string& rows, const std::vector<std::string>& derived,
                                const std::string& fails) const {
  const std::vector<std::string> cells = quoted(columns());
  const std::string distinct = "(select " + join(cells, ", ") + ", count(*) as \"tm:n\" from " +
                               rows + " group by " + join(cells, ", ") + ")";
  return "select " + as_keys(cells) + ", \"tm:n\" as n, true as fails from (select *, " +
         join(derived, ", ") + " from " + distinct + ") where " + fails;
}

}  // namespace tallymill
