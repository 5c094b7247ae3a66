#include "jobs/flow_projection.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"
#include "datasets/sql_text.h"

namespace tallymill {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view without_quotes(std::string_view name) {
  return name.starts_with('"') ? name.substr(1, name.size() - 2) : name;
}

/// Columns by a pattern, or all of them.
bool may_read_all(const std::string& lower) {
  return lower.find('*') != std::string::npos || lower.find("columns") != std::string::npos;
}

/// Whether `lower`, an expression, may read the column; a name beyond ASCII has more than one case.
bool may_read(const std::string& lower, const std::string& name) {
  const std::string_view bare = without_quotes(name);
  return !is_ascii(bare) || lower.find(sql_lower(std::string(bare))) != std::string::npos;
}

}  // namespace

FlowProjection FlowProjection::of_joined(const std::string& name, std::string expression) {
  FlowProjection projection;
  projection.take(name, std::move(expression), false);
  projection.of_joined_ = true;
  return projection;
}

bool FlowProjection::can_take(const std::string& name, const std::string& expression) const {
  if (is_closed()) return false;
  const std::string lower = sql_lower(expression);
  return !may_read_all(lower) && std::none_of(items_.begin(), items_.end(), [&](const Item& item) {
    return item.name == name || may_read(lower, item.name);
  });
}

void FlowProjection::take(std::string name, std::string expression, bool replaces) {
  items_.push_back({std::move(name), std::move(expression), replaces});
}

std::string FlowProjection::columns() const {
  std::vector<std::string> replaced;
  std::string made;
  for (const Item& item : items_) {
    const std::string column = item.expression + " AS " + item.name;
    if (item.replaces)
      replaced.push_back(column);
    else
      made += ", " + column;
  }
  const std::string all = of_joined_ ? "t.*" : "*";
  return replaced.empty() ? all + made : all + " REPLACE (" + join(replaced, ", ") + ")" + made;
}

}  // namespace tallymill
