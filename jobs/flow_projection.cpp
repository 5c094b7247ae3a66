#include "jobs/flow_projection.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"
#include "core/utf8.h"
#include "datasets/sql_text.h"

namespace tallymill {
namespace {

/// Whether SQL may know the name by one spelling only, but for the case of ASCII letters: other
/// letters have cases, too, Chinese characters have none.
bool has_one_spelling(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const Utf8Character character = decode_utf8(name, at);
    const bool is_cjk = character.code >= 0x3000 && character.code <= 0x9FFF;
    if (character.code >= 0x80 && !is_cjk) return false;
    at += character.bytes;
  }
  return true;
}

std::string_view without_quotes(std::string_view name) {
  return name.starts_with('"') ? name.substr(1, name.size() - 2) : name;
}

/// Columns by a pattern, or all of them.
bool may_read_all(const std::string& lower) {
  return lower.find('*') != std::string::npos || lower.find("columns") != std::string::npos;
}

/// Whether `lower`, an expression, may read the column.
bool may_read(const std::string& lower, const std::string& name) {
  const std::string_view bare = without_quotes(name);
  return !has_one_spelling(bare) || lower.find(sql_lower(std::string(bare))) != std::string::npos;
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

bool FlowProjection::lets_pass(const std::string& name, const std::string& expression) const {
  return can_take(name, expression) &&
         std::none_of(items_.begin(), items_.end(), [&](const Item& item) {
           return may_read_all(item.lower) || may_read(item.lower, name);
         });
}

void FlowProjection::take(std::string name, std::string expression, bool replaces) {
  std::string lower = sql_lower(expression);
  items_.push_back({std::move(name), std::move(expression), std::move(lower), replaces});
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
