#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/money.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

inline constexpr std::uint32_t kNone = ~0U;

/// A hash of 128 bits as a key of a table: it is well mixed already.
struct HashOfHash {
  std::size_t operator()(UInt128 hash) const { return static_cast<std::size_t>(hash); }
};
template <class T>
using ByHash = std::unordered_map<UInt128, T, HashOfHash>;

inline UInt128 number_of(const Hash128& hash) {
  return static_cast<UInt128>(hash.high) << 64 | hash.low;
}

/// Pools of one grain and the receivers they are for: all pairs of columns are equal.
struct MatchOfGrain {
  std::string value;                                         ///< of the grain column
  std::vector<std::pair<std::string, std::string>> columns;  ///< pool column, receiver column
  ByHash<std::uint32_t> groups = {};                         ///< by values: a group's number
  std::vector<std::vector<std::uint32_t>> pools = {};        ///< of each group
};

/// A receiver of a pool at the edge between those who got one of the left-over units and those who
/// did not.
struct Edge {
  bool is_set = false;
  Int128 remainder = 0;
  std::string key = {};  ///< in order
  std::string name = {};
  std::string file = {};
  std::int64_t line = 0;
};

struct Pool {
  std::string name;
  Int128 amount = 0;  ///< units, signed
  std::uint32_t grain = kNone;
  std::uint32_t group = kNone;
  std::string driver = {};          ///< name, as the trace tells it
  std::uint32_t driver_no = kNone;  ///< among AllocationInputs::drivers
  // Weighed.
  std::int64_t receivers = 0;
  std::int64_t missing = 0;
  std::int64_t negatives = 0;
  Int128 weight = 0;
  UInt128 pairs = 0;        ///< sum of hashes of (pool, receiver)
  std::string reason = {};  ///< why it is parked; empty: it is allocated
  bool is_even = false;
};

/// What an allocate job read, as far as its parts follow from it.
class AllocationInputs {
 public:
  AllocationInputs(Engine& engine, const RecordedJob& job);

  /// Reads and weighs. `drivers`: by hash of the pool's key, the column it was allocated by.
  void read(const ByHash<std::string>& drivers);

  std::vector<Pool> pools;
  std::vector<std::string> pool_key;      ///< columns
  std::vector<std::string> receiver_key;  ///< columns
  std::vector<Column> drivers;            ///< columns that pools were allocated by
  int scale = 0;                          ///< of amounts

  std::optional<std::uint32_t> pool_of(UInt128 key) const;
  std::optional<std::uint32_t> receiver_of(UInt128 key) const;
  std::size_t receivers() const { return receiver_keys_.size(); }
  /// Nothing if the pool is not for that receiver, or if that has no value of its driver.
  std::optional<std::int64_t> driver_value(const Pool& pool, std::uint32_t receiver) const;
  bool is_for(const Pool& pool, std::uint32_t receiver) const;
  /// The weight that a driver value counts as.
  static Int128 weight_of(const Pool& pool, std::optional<std::int64_t> value);
  static UInt128 pair_of(std::uint32_t pool, UInt128 receiver);

 private:
  void read_match();
  void read_pools(const ByHash<std::string>& told);
  void read_receivers();
  void weigh(std::uint32_t receiver);
  void judge(Pool& pool) const;

  Engine& engine_;
  const RecordedJob& job_;
  Options pool_options_;
  Options receiver_options_;
  std::string grain_column_;
  std::vector<MatchOfGrain> grains_;
  ByHash<std::uint32_t> pool_by_key_;
  std::vector<UInt128> receiver_keys_;
  ByHash<std::uint32_t> receiver_by_key_;
  std::vector<std::int64_t> values_;   ///< receivers x drivers
  std::vector<std::uint32_t> groups_;  ///< receivers x grains
};

}  // namespace tallymill::verify
