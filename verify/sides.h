#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// One row of a side of a reconcile job.
struct SideRow {
  UInt128 key = 0;  ///< hash of the key's values, equal on both sides for equal values
  bool has_missing_key = false;
  std::optional<Int128> amount = {};  ///< in units of the results' scale; 1 where rows are counted
  const Row* row = nullptr;
  const std::vector<Column>* columns = nullptr;  ///< of `row`: key, amount, what is compared, id
};

/// What amounts are multiplied by: `units` of 10^-digits, with the sign.
struct Factor {
  Int128 units = 1;
  int digits = 0;

  /// From options `factor` and `negate`; empty if a parameter has no value or it is no number.
  static std::optional<Factor> read(const RecordedJob& job, const Options& options);
  /// What takes units of `from` behind the point, times the factor, to units of `to`.
  Int128 to_scale(int from, int to) const;
};

/// A side of a reconcile job, as its options name it.
class Side {
 public:
  /// `which`: "left" or "right". `scale`: of the results' amounts.
  Side(const RecordedJob& job, const std::string& which, int scale)
      : Side(job, which, job.options.object(which), scale) {}
  /// The system `which` of several, with its own options.
  Side(const RecordedJob& job, std::string which, Options options, int scale);

  /// Columns that rows have behind the amount, in this order.
  void read_also(std::vector<std::string> columns) { also_ = std::move(columns); }
  /// Every row of all its datasets that meets its condition. Throws Error(data).
  void read(Engine& engine, const std::function<void(const SideRow&)>& take) const;

  const std::string& which() const { return which_; }
  std::size_t key_size() const { return key_.size(); }
  const std::vector<std::string>& key() const { return key_; }
  bool is_aggregated() const { return options_.has("aggregate"); }
  /// Several rows of a key are one amount: also those of a grand total.
  bool adds_up() const { return is_aggregated() || is_grand_total_; }
  /// Its amounts are of a currency each, which is the last part of its key.
  bool tells_currency() const { return options_.has("currency"); }
  /// Empty where amounts are of none.
  std::string_view currency_of(const SideRow& row) const {
    if (!tells_currency() || row.row->is_null(key_.size() - 1)) return {};
    return row.row->text(key_.size() - 1);
  }
  /// Why its amounts cannot be followed; empty: they can.
  std::string unknown() const;
  /// Where the columns of read_also() begin in a row.
  std::size_t also_place() const { return key_.size() + (counts_rows_ ? 0 : 1); }
  /// All versions it is read from. Throws Error(data) for an input the run has not on record.
  std::vector<RecordedVersion> versions() const;
  /// Its condition as SQL; empty: every row.
  std::string condition() const;
  /// Where the id's columns stand in a row; empty: not read, for rows have none of one column.
  std::vector<std::size_t> id_places() const;
  std::string name_of_key(const SideRow& row) const;

 private:
  std::vector<std::string> datasets() const;

  const RecordedJob& job_;
  std::string which_;
  Options options_;
  int scale_;
  std::vector<std::string> key_;
  bool is_grand_total_ = false;
  std::vector<std::string> id_;
  std::vector<std::string> also_ = {};
  bool counts_rows_ = false;
  std::optional<Factor> factor_;  ///< empty: not known
};

/// "0.05" or param(name), in units of 10^-scale. Empty if it is no number.
std::optional<Int128> number_of_text(const RecordedJob& job, const std::string& text, int scale);

/// The hash of a key's values in a row, by value: numbers of any scale that are equal hash alike.
UInt128 key_hash(const Row& row, const std::vector<Column>& columns, std::size_t count);

/// The differences a job lets pass, from its options.
class Tolerance {
 public:
  /// `node`: {abs, rel, bands}; none at all lets nothing pass. Empty if a parameter has no value.
  static std::optional<Tolerance> read(const RecordedJob& job, YamlNode node, int scale);
  static Tolerance none();
  /// A share of the larger magnitude, no more than `most`. Empty if it is no number.
  static std::optional<Tolerance> of_share(const RecordedJob& job, const std::string& share,
                                           std::optional<Int128> most);
  /// In units: the stricter of both kinds, for the larger magnitude.
  Int128 allowed(Int128 left, Int128 right) const;
  /// The same for both amounts; where one is missing, only what does not depend on them.
  std::optional<Int128> allowed(std::optional<Int128> left, std::optional<Int128> right) const;

 private:
  /// What holds for amounts up to a size.
  struct Limit {
    std::optional<Int128> up_to = {};  ///< empty: any size
    std::optional<Int128> abs = {};
    std::optional<Int128> rel = {};  ///< units of 10^-9
  };
  static bool read_limit(const RecordedJob& job, YamlNode node, int scale, Limit& limit);

  std::vector<Limit> limits_;  ///< by size; the last one is of any size
};

}  // namespace tallymill::verify
