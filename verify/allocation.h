#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/money.h"
#include "verify/hash_index.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

inline constexpr std::uint32_t kNone = ~0U;

/// Pools of one grain and the receivers they are for: all pairs of columns are equal.
struct MatchOfGrain {
  std::string value;                                         ///< of the grain column
  std::vector<std::pair<std::string, std::string>> columns;  ///< pool column, receiver column
  ByHash<std::uint32_t> groups = {};                         ///< by values: a group's number
  std::vector<std::vector<std::uint32_t>> pools = {};        ///< of each group
};

struct Pool {
  enum class Weighing { driver, even, previous };

  std::string name;
  Int128 amount = 0;      ///< units, signed
  std::int64_t coin = 1;  ///< units of the currency's smallest coin
  std::uint32_t grain = kNone;
  std::uint32_t group = kNone;
  std::string driver = {};          ///< name, as the trace tells it
  std::uint32_t driver_no = kNone;  ///< among AllocationInputs::drivers
  // Weighed.
  std::int64_t receivers = 0;
  std::int64_t missing = 0;
  std::int64_t negatives = 0;
  Int128 driver_total = 0;
  UInt128 pairs = 0;        ///< sum of hashes of (pool, receiver)
  std::string reason = {};  ///< why it is parked; empty: it is allocated
  Weighing weighing = Weighing::driver;
  Int128 total = 0;  ///< of the weights it is split by

  int sign() const { return amount < 0 ? -1 : 1; }
  Int128 coins() const { return sign() * amount / coin; }
  Int128 below_coin() const { return amount - sign() * coins() * coin; }
};

/// What an allocate job read, as far as its parts follow from it.
class AllocationInputs {
 public:
  AllocationInputs(Engine& engine, const RecordedJob& job);

  /// Reads and weighs. `told`: by hash of the pool's key, the driver it was allocated by.
  void read(const ByHash<std::string>& told);

  std::vector<Pool> pools;
  std::vector<std::string> pool_key;      ///< columns
  std::vector<std::string> receiver_key;  ///< columns
  std::vector<Column> drivers;            ///< that pools were allocated by
  int scale = 0;                          ///< of amounts

  std::optional<std::uint32_t> pool_of(UInt128 key) const;
  std::optional<std::uint32_t> receiver_of(UInt128 key) const;
  UInt128 receiver_key_of(std::uint32_t receiver) const { return receiver_keys_[receiver]; }
  std::uint32_t receivers() const { return static_cast<std::uint32_t>(receiver_keys_.size()); }
  bool is_for(const Pool& pool, std::uint32_t receiver) const;
  /// Of an allocated pool and one of its receivers.
  Int128 weight_of(std::uint32_t pool, std::uint32_t receiver) const;
  /// Calls `take` with the number of every pool that is for the receiver.
  template <class Take>
  void for_pools_of(std::uint32_t receiver, const Take& take) const {
    for (std::size_t i = 0; i < grains_.size(); ++i) {
      const std::uint32_t group = groups_[receiver * grains_.size() + i];
      if (group == kNone) continue;
      for (const std::uint32_t pool : grains_[i].pools[group]) take(pool);
    }
  }
  static UInt128 pair_of(std::uint32_t pool, UInt128 receiver);
  const std::vector<RecordedVersion>& receiver_versions() const;

 private:
  void read_match();
  void read_pools(const ByHash<std::string>& told);
  void place(std::uint32_t number, const Row& row, std::size_t grain,
             const std::vector<std::vector<std::size_t>>& matched);
  void number_drivers();
  std::vector<Column> receiver_columns(const RecordedVersion& version,
                                       const std::vector<std::string>& names);
  void read_receivers();
  void weigh(std::uint32_t receiver);
  void read_previous();
  void judge(Pool& pool) const;
  std::optional<std::int64_t> driver_value(const Pool& pool, std::uint32_t receiver) const;
  std::int64_t coin_of(const Row& row, std::size_t currency) const;

  Engine& engine_;
  const RecordedJob& job_;
  Options pool_options_;
  Options receiver_options_;
  std::string grain_column_;
  std::map<std::string, std::int64_t> coins_;  ///< by currency
  std::vector<MatchOfGrain> grains_;
  ByHash<std::uint32_t> pool_by_key_;
  std::vector<std::string> driver_names_;
  HashIndex receiver_keys_;
  std::vector<std::int64_t> values_;   ///< receivers x drivers
  std::vector<std::uint32_t> groups_;  ///< receivers x grains
  ByHash<Int128> previous_;            ///< magnitudes by pool and receiver
  std::string bytes_;
};

}  // namespace tallymill::verify
