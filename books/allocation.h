#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// What happens to a pool whose receivers have a driver total of zero.
enum class ZeroDriver { even, park, fail };
/// What a driver value below zero does: stops the job, counts as zero, or parks the pool.
enum class NegativeDriver { fail, zero, park };
/// What happens to a pool that matches no receiver.
enum class NoReceivers { park, fail };

/// How pools of one grain find their receivers: all pairs of columns must be equal. No pair at all:
/// every receiver.
struct Grain {
  std::string value;  ///< of the grain column; unused where there is none
  std::vector<std::pair<std::string, std::string>> columns;  ///< pool column, receiver column
};

struct AllocationPlan {
  std::string pools;                  ///< relation, one row a pool
  std::vector<Column> carry;          ///< pool columns that go to every result
  std::vector<std::string> pool_key;  ///< unique per pool, all of them among `carry`
  Column amount;                      ///< of the pool: money, decimal up to 18 digits, integer
  bool pool_key_is_unique = false;    ///< known from the dataset's key, so not checked again

  std::string receivers;  ///< relation, one row a receiver
  std::vector<Column> receiver_key;
  bool receiver_key_is_unique = false;
  std::string grain_column;  ///< of the pool; empty: one grain for all
  std::vector<Grain> grains;

  std::vector<Column> drivers;  ///< receiver columns a pool may be allocated by
  std::string driver;           ///< SQL over the pool: name of its driver column
  std::string driver_error;  ///< SQL over the pool: why there is no name; "NULL" if that cannot be
  std::string rule;          ///< of the trace: rule and version that chose the driver
  std::string rule_version;

  ZeroDriver zero_driver = ZeroDriver::fail;
  NegativeDriver negative_driver = NegativeDriver::fail;
  NoReceivers no_receivers = NoReceivers::fail;
};

/// Allocates every pool to its receivers in proportion to a driver, exact to the minor unit.
///
/// The method is split_amount() as SQL: sign-symmetric, leftover units to the largest remainders,
/// ties to the smaller receiver key, so neither row order nor threads change a part. Amounts and
/// driver values are 64-bit units and products 128-bit, so nothing can overflow.
///
/// Receivers are never materialised: a few aggregates per pool tell where the leftover units go,
/// then parts() streams. Uses temporary tables named tm_alloc_*; one Allocation an engine at a
/// time.
class Allocation {
 public:
  Allocation(Engine& engine, AllocationPlan plan);

  /// Weighs the pools. Throws Error(data) for duplicate or missing keys, missing amounts, and where
  /// a policy says fail, naming the first pools; Error(config) where the driver is no column.
  void prepare();

  // Selects over the prepared tables. Amounts have the pool amount's type and are named "amount".
  std::string parts() const;     ///< carry, receiver key, amount
  std::string parked() const;    ///< carry, amount, reason
  std::string residual() const;  ///< like parked(); empty, because largest remainder leaves nothing
  std::string trace() const;     ///< carry, amount, outcome, receivers, driver, its total, rule

  struct Totals {
    std::int64_t pools = 0;
    std::int64_t parked = 0;
    Int128 amount = 0;  ///< units
    Int128 parked_amount = 0;
  };
  Totals totals() const;
  /// Pools by outcome ("proportional", "even") or, where parked, by reason; in name order.
  std::vector<std::pair<std::string, std::int64_t>> outcomes() const;

  /// Throws Error(data) naming the first pools whose in != allocated + parked + residual. Compares
  /// the pool relation with what was written (relations), not with what was computed.
  void require_closed(const std::string& written_parts, const std::string& written_parked,
                      const std::string& written_residual) const;

 private:
  void require_sound_keys() const;
  void make_pools();
  void require_drivers();
  void weigh();
  void enforce_policies() const;
  void find_leftovers();
  std::string pairs(const std::string& pools, const std::string& columns) const;
  std::string driver_value() const;
  std::string share() const;
  std::string parked_where(const std::string& where) const;
  void refuse(const std::string& reasons, const std::string& problem,
              const std::string& advice) const;
  std::vector<Column> pool_key_columns() const;

  Engine& engine_;
  AllocationPlan plan_;
  std::vector<std::size_t> used_drivers_;  ///< into plan_.drivers
};

}  // namespace tallymill::books
