#include "worker/column_formats.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "core/text.h"
#include "rules/formats.h"

namespace tallymill {
namespace {

constexpr std::size_t kSample = 1000;
/// Of ten texts this many must have a format that is worth telling.
constexpr std::int64_t kMostOfTen = 9;
/// Of ten values of the sample, one half of which may be of few rows and have no format at all.
constexpr std::int64_t kLikelyOfTen = 3;

/// A format that may be one of some columns, given by their places.
struct LikelyFormat {
  const NamedFormat* format = nullptr;
  std::vector<std::size_t> columns;
};

struct FoundFormat {
  const NamedFormat* format = nullptr;
  std::int64_t rows = 0;
};

std::string places(const std::vector<std::size_t>& columns) {
  std::vector<std::string> texts;
  for (const std::size_t column : columns) texts.push_back(std::to_string(column));
  return join(texts, ", ");
}

/// Which of these formats so many of ten rows of `relation` have, column by column.
std::vector<std::vector<FoundFormat>> frequent(Engine& engine, const ColumnValues& values,
                                               const std::string& relation, std::int64_t of_ten,
                                               const std::vector<LikelyFormat>& formats) {
  std::vector<std::string> counts{"coalesce(sum(n), 0)::bigint"};
  for (const LikelyFormat& likely : formats) {
    std::string condition = format_condition(engine, *likely.format, "v");
    if (likely.columns.size() < values.columns())
      condition = "c in (" + places(likely.columns) + ") and (" + condition + ")";
    counts.push_back("coalesce(sum(n) filter (" + condition + "), 0)::bigint");
  }
  const Rows rows = values.aggregate(engine, join(counts, ", "),
                                     "(from " + relation + " where v is not null and v <> '')");
  std::vector<std::vector<FoundFormat>> found(values.columns());
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    const std::int64_t all = rows.integer(row, 1);
    for (std::size_t i = 0; i < formats.size(); ++i)
      if (const std::int64_t have = rows.integer(row, i + 2); all > 0 && have * 10 >= all * of_ten)
        found[static_cast<std::size_t>(rows.integer(row, 0))].push_back({formats[i].format, have});
  }
  return found;
}

/// All formats, of all columns.
std::vector<LikelyFormat> all_formats(std::size_t columns) {
  std::vector<std::size_t> all(columns);
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<LikelyFormat> formats;
  for (const NamedFormat& format : named_formats()) formats.push_back({&format, all});
  return formats;
}

/// The same by format, in the order of their names.
std::vector<LikelyFormat> by_format(const std::vector<std::vector<FoundFormat>>& found) {
  std::vector<LikelyFormat> formats;
  for (const NamedFormat& format : named_formats()) {
    LikelyFormat likely{.format = &format, .columns = {}};
    for (std::size_t column = 0; column < found.size(); ++column)
      for (const FoundFormat& have : found[column])
        if (have.format == &format) likely.columns.push_back(column);
    if (!likely.columns.empty()) formats.push_back(std::move(likely));
  }
  return formats;
}

json::array as_json(std::vector<FoundFormat> found) {
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.rows != b.rows ? a.rows > b.rows : a.format->name < b.format->name;
  });
  json::array list;
  for (const FoundFormat& have : found)
    list.push_back(json::object{{"format", have.format->name}, {"rows", have.rows}});
  return list;
}

}  // namespace

std::vector<json::array> column_formats(Engine& engine, const ColumnValues& values) {
  std::vector<json::array> lists(values.columns());
  const std::vector<LikelyFormat> likely = by_format(frequent(
      engine, values, values.sample(kSample), kLikelyOfTen, all_formats(values.columns())));
  if (likely.empty()) return lists;
  std::vector<std::vector<FoundFormat>> found =
      frequent(engine, values, values.relation(), kMostOfTen, likely);
  for (std::size_t i = 0; i < lists.size(); ++i) lists[i] = as_json(std::move(found[i]));
  return lists;
}

}  // namespace tallymill
