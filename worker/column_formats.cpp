#include "worker/column_formats.h"

#include <algorithm>
#include <vector>

#include "core/text.h"
#include "rules/formats.h"

namespace tallymill {
namespace {

constexpr int kSample = 1000;
/// Of ten texts this many must have a format that is worth telling.
constexpr std::int64_t kMostOfTen = 9;

/// How many rows of `values` have each format, and in front how many have any text.
std::vector<std::int64_t> count(Engine& engine, const std::string& values,
                                const std::vector<const NamedFormat*>& formats) {
  std::string columns = "coalesce(sum(n), 0)::bigint";
  for (const NamedFormat* format : formats)
    columns +=
        ", coalesce(sum(n) filter (" + format_condition(engine, *format, "v") + "), 0)::bigint";
  const Rows rows =
      engine.query("select " + columns + " from " + values + " where v is not null and v <> ''");
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i <= formats.size(); ++i) counts.push_back(rows.integer(0, i));
  return counts;
}

/// Those that most rows have, with how many; counts[0] is of all rows.
std::vector<std::pair<const NamedFormat*, std::int64_t>> frequent(
    const std::vector<const NamedFormat*>& formats, const std::vector<std::int64_t>& counts) {
  std::vector<std::pair<const NamedFormat*, std::int64_t>> found;
  for (std::size_t i = 0; i < formats.size(); ++i)
    if (counts[0] > 0 && counts[i + 1] * 10 >= counts[0] * kMostOfTen)
      found.emplace_back(formats[i], counts[i + 1]);
  return found;
}

}  // namespace

json::array column_formats(Engine& engine, const std::string& values) {
  std::vector<const NamedFormat*> all;
  for (const NamedFormat& format : named_formats()) all.push_back(&format);
  const std::string sample = "(select v, 1 as n from " + values + " order by n desc, v limit " +
                             std::to_string(kSample) + ")";
  std::vector<const NamedFormat*> likely;
  for (const auto& [format, rows] : frequent(all, count(engine, sample, all)))
    likely.push_back(format);
  if (likely.empty()) return {};
  auto found = frequent(likely, count(engine, values, likely));
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first->name < b.first->name;
  });
  json::array list;
  for (const auto& [format, rows] : found)
    list.push_back(json::object{{"format", format->name}, {"rows", rows}});
  return list;
}

}  // namespace tallymill
