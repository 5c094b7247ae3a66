#pragma once

#include <functional>
#include <optional>
#include <string>
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
  const std::vector<Column>* columns = nullptr;  ///< of `row`: key, then amount, then id
};

/// A side of a reconcile job, as its options name it.
class Side {
 public:
  /// `which`: "left" or "right". `scale`: of the results' amounts.
  Side(const RecordedJob& job, const std::string& which, int scale);

  /// Every row of all its datasets that meets its condition. Throws Error(data).
  void read(Engine& engine, const std::function<void(const SideRow&)>& take) const;

  const std::string& which() const { return which_; }
  std::size_t key_size() const { return key_.size(); }
  bool is_aggregated() const { return options_.has("aggregate"); }
  /// Units or signs of its own, which are not followed here.
  bool is_converted() const { return options_.has("factor") || options_.boolean("negate"); }
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
  std::vector<std::string> id_;
  bool counts_rows_ = false;
};

/// The hash of a key's values in a row, by value: decimals of any scale that are equal hash alike.
UInt128 key_hash(const Row& row, const std::vector<Column>& columns, std::size_t count);

/// The differences a job lets pass, from its options. Empty: they are not of a kind known here.
class Tolerance {
 public:
  /// `node`: {abs, rel, bands}; none at all lets nothing pass.
  static std::optional<Tolerance> read(const RecordedJob& job, YamlNode node, int scale);
  /// In units: the stricter of both kinds, for the larger magnitude.
  Int128 allowed(Int128 left, Int128 right) const;

 private:
  std::optional<Int128> abs_;
  std::optional<Int128> rel_;  ///< units of 10^-9
};

}  // namespace tallymill::verify
