#include "verify/judged_keys.h"

#include <algorithm>
#include <tuple>

#include "verify/break_facts.h"

namespace tallymill::verify {

JudgedKeys::JudgedKeys(const RecordedJob& job, const Schema& breaks, int scale)
    : job_(job),
      shape_(breaks),
      scale_(scale),
      sides_{Side(job, "left", scale), Side(job, "right", scale)},
      pairs_off_(job.options.text("duplicates") == "pair"),
      leaves_open_(job.options.text("missing_key") == "break") {}

std::string JudgedKeys::plan() {
  const auto tolerance = Tolerance::read(
      job_, job_.options.has("tolerance") ? job_.options.node("tolerance") : YamlNode(), scale_);
  if (!tolerance) return "a tolerance of a parameter that is not known";
  std::vector<ComparedColumn> compared;
  if (job_.options.has("compare"))
    for (const YamlNode& node : job_.options.list("compare")) {
      std::string unknown;
      auto column = ComparedColumn::read(job_, Options(node), shape_, unknown);
      if (!column) return unknown;
      compared.push_back(std::move(*column));
    }
  keeps_rows_ = pairs_off_ || leaves_open_ || !compared.empty();
  rules_.emplace(*tolerance, std::move(compared));
  const std::size_t key_size = sides_[0].key_size();
  if (shape_.columns.size() <= key_size) return "the breaks do not have its key";
  for (std::size_t i = 0; i < key_size; ++i) key_.push_back(shape_.columns[i + 1]);
  for (std::size_t which = 0; which < 2; ++which)
    if (std::string unknown = plan_side(which); !unknown.empty()) return unknown;
  return {};
}

std::string JudgedKeys::plan_side(std::size_t which) {
  Side& side = sides_[which];
  if (std::string unknown = side.unknown(); !unknown.empty()) return unknown;
  std::vector<std::string> names;
  for (const ComparedColumn& column : rules_->compared()) names.push_back(column.column(which));
  for (const RecordedVersion& version : side.versions()) {
    const Schema schema = row_shape(version.folder).schema;
    knows_ids_ = knows_ids_ && has_same_types(key_, schema, side.key());
    for (const ComparedColumn& column : rules_->compared())
      if (const Column* found = schema.find(column.column(which)))
        if (std::string misfit = column.misfit(found->type, which); !misfit.empty()) return misfit;
  }
  side.read_also(std::move(names));
  return {};
}

void JudgedKeys::judge(Engine& engine) {
  for (std::size_t side = 0; side < 2; ++side) add(engine, side);
  collect_rows(engine);
  for (const auto& [key, totals] : keys_) judge_key(key, totals);
  if (tells_currencies()) pair_currencies(engine);
}

const KeyTotals* JudgedKeys::totals(UInt128 key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

KeyRow JudgedKeys::key_row(const SideRow& row, std::size_t which) const {
  KeyRow told{.values = {ComparedValue::of_number(row.amount)}};
  const std::size_t first = sides_[which].also_place();
  for (std::size_t i = 0; i < rules_->compared().size(); ++i)
    told.values.push_back(
        rules_->compared()[i].value(*row.row, first + i, (*row.columns)[first + i].type, which));
  return told;
}

void JudgedKeys::add(Engine& engine, std::size_t which) {
  const bool is_hashed = keeps_rows_ && !sides_[which].adds_up();
  std::string bytes;
  counted_[which].side = &sides_[which];
  sides_[which].read(engine, [&](const SideRow& row) {
    KeyTotals& key = keys_[row.key];
    ++key.rows[which];
    ++counted_[which].rows;
    counted_[which].amount += row.amount.value_or(0);
    key.is_open = leaves_open_ && row.has_missing_key;
    key.currency = currencies_.number_of(sides_[which].currency_of(row));
    if (is_hashed) {
      bytes.clear();
      for (const ComparedValue& value : key_row(row, which).values) append_value(value, bytes);
      const UInt128 hash = number_of(xxh3_128(bytes));
      key.difference += which == 0 ? hash : -hash;
    }
    if (!row.amount) return;
    key.sum[which] += *row.amount;
    key.has_amount[which] = true;
  });
}

/// Whether both sides of a key are the same to the last unit.
bool JudgedKeys::agrees(const KeyTotals& key) const {
  if (key.is_open || key.rows[0] == 0 || key.rows[1] == 0) return false;
  if (keeps_rows_ && !sides_[0].adds_up() && !sides_[1].adds_up())
    return key.rows[0] == key.rows[1] && key.difference == 0;
  for (std::size_t side = 0; side < 2; ++side)
    if (keeps_rows_ && !sides_[side].adds_up() && key.rows[side] > 1) return false;
  return key.has_amount[0] == key.has_amount[1] && key.sum[0] == key.sum[1];
}

/// Where rows meet one by one, those of keys that do not agree are looked at again.
void JudgedKeys::collect_rows(Engine& engine) {
  if (!keeps_rows_) return;
  for (std::size_t which = 0; which < 2; ++which) {
    if (sides_[which].adds_up()) continue;
    sides_[which].read(engine, [&](const SideRow& row) {
      if (!agrees(keys_.at(row.key))) rows_[row.key][which].push_back(key_row(row, which));
    });
  }
}

void JudgedKeys::count(PairClass what, std::uint32_t currency, std::size_t side, std::int64_t rows,
                       Int128 amount) {
  classes_[name_of(what)].add(currencies_.name(currency), side, sides_.size(), rows, amount);
}

void JudgedKeys::judge_key(UInt128 key, const KeyTotals& totals) {
  if (agrees(totals)) {
    for (std::size_t side = 0; side < 2; ++side)
      count(PairClass::matched, totals.currency, side, totals.rows[side], totals.sum[side]);
    return;
  }
  std::array<std::vector<KeyRow>, 2> rows;
  if (const auto kept = rows_.find(key); kept != rows_.end()) rows = std::move(kept->second);
  for (std::size_t side = 0; side < 2; ++side)
    if (totals.rows[side] > 0 && (!keeps_rows_ || sides_[side].adds_up()))
      rows[side] = {{.values = {ComparedValue::of_number(
                         totals.has_amount[side] ? std::optional(totals.sum[side]) : std::nullopt)},
                     .rows = totals.rows[side]}};
  std::vector<JudgedPair>& judged = judged_[key];
  for (RowPair& pair : rules_->pairs(std::move(rows), !totals.is_open)) {
    for (std::size_t side = 0; side < 2; ++side)
      count(pair.what, totals.currency, side, pair.rows(side), pair.amount_or_nothing(side));
    judged.push_back({.pair = std::move(pair)});
  }
}

/// What a key has left on both sides, in other currencies, meets in the order of their names.
void JudgedKeys::pair_currencies(Engine& engine) {
  struct Alone {
    UInt128 key;
    JudgedPair* judged;
  };
  ByHash<std::array<std::vector<Alone>, 2>> alone;  // by the key without its currency
  ByHash<bool> is_known;
  for (std::size_t which = 0; which < 2; ++which)
    sides_[which].read(engine, [&](const SideRow& row) {
      const KeyTotals& totals = keys_.at(row.key);
      if (totals.is_open || totals.rows[1 - which] > 0 || is_known[row.key]) return;
      is_known[row.key] = true;
      std::vector<Alone>& of_key = alone[key_hash(*row.row, *row.columns, key_.size() - 1)][which];
      for (JudgedPair& each : judged_.at(row.key)) of_key.push_back({row.key, &each});
    });
  const auto comes_before = [&](const Alone& a, const Alone& b) {
    return std::forward_as_tuple(currencies_.name(keys_.at(a.key).currency),
                                 a.judged->pair.number) <
           std::forward_as_tuple(currencies_.name(keys_.at(b.key).currency), b.judged->pair.number);
  };
  for (auto& [base, sides] : alone) {
    for (std::vector<Alone>& side : sides) std::sort(side.begin(), side.end(), comes_before);
    for (std::size_t i = 0; i < std::min(sides[0].size(), sides[1].size()); ++i)
      join_currencies(sides[0][i].key, *sides[0][i].judged, sides[1][i].key, *sides[1][i].judged);
  }
}

/// The left pair becomes the break of both; the right one is told by no break of its own.
void JudgedKeys::join_currencies(UInt128 left_key, JudgedPair& left, UInt128 right_key,
                                 JudgedPair& right) {
  RowPair both{.what = PairClass::currency, .number = left.pair.number};
  const std::array<RowPair*, 2> pairs{&left.pair, &right.pair};
  const std::array<std::uint32_t, 2> currencies{keys_.at(left_key).currency,
                                                keys_.at(right_key).currency};
  for (std::size_t side = 0; side < 2; ++side) {
    RowPair& pair = *pairs[side];
    const std::int64_t rows = pair.rows(side);
    const Int128 amount = pair.amount_or_nothing(side);
    count(pair.what, currencies[side], side, -rows, -amount);
    count(PairClass::currency, currencies[side], side, rows, amount);
    KeyRow whole{.values = pair.sides[side]->values, .rows = rows};
    whole.values[0] = ComparedValue::of_number(pair.amount(side));
    both.sides[side] = std::move(whole);
  }
  left.pair = std::move(both);
  left.right_currency = currencies_.name(currencies[1]);
  right.is_taken = true;
}

}  // namespace tallymill::verify
