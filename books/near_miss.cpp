#include "books/near_miss.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/text.h"

namespace tallymill::books {
namespace {

/// Neighbours by amount that are looked at in each direction.
constexpr int kNeighbours = 4;

/// Rows by the values of some columns, then by amount.
class Index {
 public:
  Index(const std::vector<CascadeRow>& rows, std::vector<std::size_t> columns)
      : rows_(rows), columns_(std::move(columns)) {
    for (std::uint32_t row = 0; row < rows.size(); ++row)
      if (const auto key = key_of(rows[row])) groups_[*key].push_back(row);
    for (auto& [key, group] : groups_)
      std::ranges::sort(group, [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(rows_[a].amount, a) < std::tie(rows_[b].amount, b);
      });
  }

  /// Adds the nearest in amount to `found`.
  void collect(const CascadeRow& row, std::vector<std::uint32_t>& found) const {
    const auto key = key_of(row);
    const auto group = key ? groups_.find(*key) : groups_.end();
    if (group == groups_.end()) return;
    const auto& sorted = group->second;
    const auto middle = std::ranges::lower_bound(
        sorted, row.amount, {}, [&](std::uint32_t at) { return rows_[at].amount; });
    for (auto [up, n] = std::pair{middle, 0}; up != sorted.end() && n < kNeighbours; ++up, ++n)
      found.push_back(*up);
    for (auto [down, n] = std::pair{middle, 0}; down != sorted.begin() && n < kNeighbours;
         --down, ++n)
      found.push_back(*std::prev(down));
  }

 private:
  std::optional<std::vector<std::int32_t>> key_of(const CascadeRow& row) const {
    std::vector<std::int32_t> key;
    for (const std::size_t column : columns_) {
      if (row.values[column] < 0) return std::nullopt;
      key.push_back(row.values[column]);
    }
    return key;
  }

  const std::vector<CascadeRow>& rows_;
  std::vector<std::size_t> columns_;
  std::map<std::vector<std::int32_t>, std::vector<std::uint32_t>> groups_;
};

/// By what rows are looked for: everything a stage wants equal, all of it but one, and nothing.
std::vector<std::vector<std::size_t>> column_sets(std::span<const CascadeStage> stages) {
  std::vector<std::vector<std::size_t>> sets{{}};
  for (const CascadeStage& stage : stages) {
    if (!stage.is_pairing()) continue;
    sets.push_back(stage.by);
    for (std::size_t left_out = 0; left_out < stage.by.size(); ++left_out) {
      std::vector<std::size_t> set = stage.by;
      set.erase(set.begin() + static_cast<std::ptrdiff_t>(left_out));
      sets.push_back(std::move(set));
    }
  }
  std::ranges::sort(sets);
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

NearMiss told(std::uint32_t candidate, const CascadeStage& stage, const PairTest& test,
              bool is_taken, const NearMissNames& names) {
  std::vector<std::string> failed;
  std::vector<std::string> distances;
  const auto add = [&](const std::string& name, const std::string& distance) {
    failed.push_back(name);
    distances.push_back(distance);
  };
  for (const std::size_t column : test.other_values) add(names.values[column], "differs");
  if (test.amount_fails) add(names.amount, format_decimal(test.gap, names.scale));
  if (test.day_fails)
    add(names.day, std::to_string(test.days) + (stage.window->calendar ? " work days" : " days"));
  if (test.text_fails) add(names.text, "likeness " + format_decimal(test.likeness / 10'000'000, 2));
  if (is_taken) add("taken", "matched with others");
  if (failed.empty()) add("search", "cut off");
  return {candidate, join(failed, ", "), join(distances, ", ")};
}

}  // namespace

std::vector<std::optional<NearMiss>> find_near_misses(
    const std::vector<CascadeRow>& rows, const std::vector<bool>& wanted,
    const std::vector<CascadeRow>& others, const std::vector<bool>& taken, bool rows_are_left,
    std::span<const CascadeStage> stages, const NearMissNames& names) {
  std::vector<std::optional<NearMiss>> found(rows.size());
  if (others.empty() || std::ranges::find(wanted, true) == wanted.end()) return found;
  std::vector<Index> indices;
  for (auto& columns : column_sets(stages)) indices.emplace_back(others, std::move(columns));
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    if (!wanted[row]) continue;
    candidates.clear();
    for (const Index& index : indices) index.collect(rows[row], candidates);
    std::optional<std::tuple<std::size_t, Int128, std::int64_t, std::uint32_t>> best;
    for (const CascadeStage& stage : stages) {
      if (!stage.is_pairing()) continue;
      for (const std::uint32_t candidate : candidates) {
        const PairTest test = rows_are_left ? test_pair(stage, rows[row], others[candidate])
                                            : test_pair(stage, others[candidate], rows[row]);
        const auto rank = std::tuple(test.failures() + (taken[candidate] ? 1 : 0), test.gap,
                                     test.days, candidate);
        if (best && *best <= rank) continue;
        best = rank;
        found[row] = told(candidate, stage, test, taken[candidate], names);
      }
    }
  }
  return found;
}

}  // namespace tallymill::books
