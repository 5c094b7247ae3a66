#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verify/class_sums.h"
#include "verify/hash_index.h"
#include "verify/row_pairs.h"
#include "verify/sides.h"
#include "verify/verdict.h"

namespace tallymill::verify {

/// Both sides of one key.
struct KeyTotals {
  std::array<std::int64_t, 2> rows{};
  std::array<Int128, 2> sum{};
  UInt128 difference = 0;  ///< of hashes of both sides' rows: 0 where they are the same rows
  std::array<bool, 2> has_amount{};
  bool is_open = false;  ///< a part of the key is missing and meets nothing
  std::uint32_t currency = 0;
};

/// A pair of a key that does not simply agree.
struct JudgedPair {
  RowPair pair;
  std::optional<std::string> right_currency = {};  ///< where it is another than the left one
  bool is_taken = false;                           ///< by the pair of a key in another currency
  bool is_told = false;                            ///< by a break

  bool is_expected() const { return !is_taken && is_break(pair.what); }
};

/// The keys of a job that compares two sides, each judged by the rows that both have of it.
class JudgedKeys {
 public:
  /// `job` outlives it. `breaks`: the shape of its breaks. `scale`: of their amounts.
  JudgedKeys(const RecordedJob& job, const Schema& breaks, int scale);

  /// Reads the options. Gives what is not known about them; nothing: all is.
  std::string plan();
  void judge(Engine& engine);

  std::array<Side, 2>& sides() { return sides_; }
  std::span<const CountedSide> counted() const { return counted_; }
  /// The columns of the key as breaks have them; the last one is the currency, where there is one.
  const std::vector<Column>& key() const { return key_; }
  bool tells_currencies() const { return sides_[0].tells_currency(); }
  /// A missing part of a key meets nothing.
  bool leaves_open() const { return leaves_open_; }
  /// Ids follow from keys: they are of the same types on both sides.
  bool knows_ids() const { return knows_ids_; }
  const PairRules& rules() const { return *rules_; }

  std::size_t size() const { return keys_.size(); }
  const KeyTotals* totals(UInt128 key) const;
  /// Pairs of keys that do not simply agree.
  ByHash<std::vector<JudgedPair>>& pairs() { return judged_; }
  const std::map<std::string, ClassSums>& classes() const { return classes_; }

 private:
  std::string plan_side(std::size_t which);
  KeyRow key_row(const SideRow& row, std::size_t which) const;
  void add(Engine& engine, std::size_t which);
  bool agrees(const KeyTotals& key) const;
  void collect_rows(Engine& engine);
  void judge_key(UInt128 key, const KeyTotals& totals);
  void count(PairClass what, std::uint32_t currency, std::size_t side, std::int64_t rows,
             Int128 amount);
  void pair_currencies(Engine& engine);
  void join_currencies(UInt128 left_key, JudgedPair& left, UInt128 right_key, JudgedPair& right);

  const RecordedJob& job_;
  const Schema& shape_;
  int scale_;
  std::array<Side, 2> sides_;
  bool pairs_off_ = false;
  bool leaves_open_ = false;
  bool keeps_rows_ = false;  ///< rows of a key meet one by one, not only by their sums
  bool knows_ids_ = true;
  std::vector<Column> key_ = {};
  std::optional<PairRules> rules_ = {};
  Currencies currencies_ = {};
  std::array<CountedSide, 2> counted_ = {};
  ByHash<KeyTotals> keys_ = {};
  ByHash<std::array<std::vector<KeyRow>, 2>> rows_ = {};  ///< of keys that do not agree
  ByHash<std::vector<JudgedPair>> judged_ = {};
  std::map<std::string, ClassSums> classes_ = {};
};

}  // namespace tallymill::verify
