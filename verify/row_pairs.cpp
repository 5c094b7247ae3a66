#include "verify/row_pairs.h"

#include <algorithm>
#include <compare>
#include <tuple>

namespace tallymill::verify {
namespace {

PairClass class_of_kind(ComparedColumn::Kind kind) {
  switch (kind) {
    case ComparedColumn::Kind::number:
      return PairClass::quantity;
    case ComparedColumn::Kind::day:
      return PairClass::timing;
    case ComparedColumn::Kind::other:
      break;
  }
  return PairClass::status;
}

/// The values of a side that is not there come after all others, like missing ones.
int compare_sides(const std::optional<KeyRow>& a, const std::optional<KeyRow>& b) {
  const std::size_t count = std::max(a ? a->values.size() : 0, b ? b->values.size() : 0);
  const ComparedValue nothing;
  for (std::size_t i = 0; i < count; ++i) {
    const auto order = (a ? a->values[i] : nothing) <=> (b ? b->values[i] : nothing);
    if (std::is_neq(order)) return std::is_lt(order) ? -1 : 1;
  }
  return 0;
}

bool comes_before(const RowPair& a, const RowPair& b) {
  if (a.what != b.what) return a.what < b.what;
  for (std::size_t side = 0; side < 2; ++side)
    if (const int order = compare_sides(a.sides[side], b.sides[side]); order != 0) return order < 0;
  return !a.sides[0] && b.sides[0];
}

/// Pairs that are alike become one, and breaks get their numbers.
std::vector<RowPair> gathered(std::vector<RowPair> pairs) {
  if (pairs.size() == 1) return pairs;
  std::sort(pairs.begin(), pairs.end(), comes_before);
  std::vector<RowPair> all;
  std::int64_t breaks = 0;
  for (RowPair& pair : pairs) {
    if (!all.empty() && !comes_before(all.back(), pair)) {
      ++all.back().times;
      continue;
    }
    pair.number = is_break(pair.what) ? ++breaks : 1;
    all.push_back(std::move(pair));
  }
  return all;
}

}  // namespace

const std::string& name_of(PairClass what) {
  static const std::array<std::string, 10> names{
      "matched", "within_tolerance", "amount",    "quantity",  "timing",
      "status",  "currency",         "duplicate", "left_only", "right_only"};
  return names[static_cast<std::size_t>(what)];
}

PairClass PairRules::class_of(const KeyRow& left, const KeyRow& right) const {
  if (left.values == right.values) return PairClass::matched;
  const std::optional<Int128> a = left.values[0].as_number();
  const std::optional<Int128> b = right.values[0].as_number();
  if (a.has_value() != b.has_value()) return PairClass::amount;
  if (a && (*a < *b ? *b - *a : *a - *b) > tolerance_.allowed(*a, *b)) return PairClass::amount;
  PairClass worst = PairClass::within_tolerance;
  for (std::size_t i = 0; i < compared_.size(); ++i) {
    const PairClass what = class_of_kind(compared_[i].kind());
    if ((worst == PairClass::within_tolerance || what < worst) &&
        compared_[i].differs(left.values[i + 1], right.values[i + 1]))
      worst = what;
  }
  return worst;
}

std::vector<RowPair> PairRules::pairs(std::array<std::vector<KeyRow>, 2> rows, bool meets) const {
  std::vector<RowPair> pairs;
  std::array<std::vector<KeyRow>, 2> surplus;
  const std::array<bool, 2> is_known{!rows[0].empty(), !rows[1].empty()};
  if (meets) {
    for (std::vector<KeyRow>& side : rows)
      std::sort(side.begin(), side.end(),
                [](const KeyRow& a, const KeyRow& b) { return a.values < b.values; });
    std::size_t left = 0;
    std::size_t right = 0;
    while (left < rows[0].size() && right < rows[1].size()) {
      const auto order = rows[0][left].values <=> rows[1][right].values;
      if (std::is_eq(order))
        pairs.push_back({.sides = {std::move(rows[0][left++]), std::move(rows[1][right++])}});
      else if (std::is_lt(order))
        surplus[0].push_back(std::move(rows[0][left++]));
      else
        surplus[1].push_back(std::move(rows[1][right++]));
    }
    for (; left < rows[0].size(); ++left) surplus[0].push_back(std::move(rows[0][left]));
    for (; right < rows[1].size(); ++right) surplus[1].push_back(std::move(rows[1][right]));
  } else {
    surplus = std::move(rows);
  }
  const std::size_t both = meets ? std::min(surplus[0].size(), surplus[1].size()) : 0;
  for (std::size_t i = 0; i < both; ++i)
    pairs.push_back({.what = class_of(surplus[0][i], surplus[1][i]),
                     .sides = {std::move(surplus[0][i]), std::move(surplus[1][i])}});
  for (std::size_t side = 0; side < 2; ++side)
    for (std::size_t i = both; i < surplus[side].size(); ++i) {
      RowPair alone{.what = meets && is_known[1 - side] ? PairClass::duplicate
                            : side == 0                 ? PairClass::left_only
                                                        : PairClass::right_only};
      alone.sides[side] = std::move(surplus[side][i]);
      pairs.push_back(std::move(alone));
    }
  return gathered(std::move(pairs));
}

}  // namespace tallymill::verify
