#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "books/allocation_method.h"
#include "books/examples.h"
#include "core/money.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// What happens to a pool whose receivers have a driver total of zero. `previous`: the shares of
/// its parts of an earlier period; parked where it had none.
enum class ZeroDriver { even, park, fail, previous };
/// What a driver value below zero does: stops the job, counts as zero, or parks the pool.
enum class NegativeDriver { fail, zero, park };
/// What a receiver without a driver value does: counts as zero, parks the pool, or stops the job.
enum class MissingDriver { zero, park, fail };
/// What happens to a pool that matches no receiver.
enum class NoReceivers { park, fail };

/// How pools of one grain find their receivers: all pairs of columns must be equal. No pair at all:
/// every receiver.
struct Grain {
  std::string value;  ///< of the grain column; unused where there is none
  std::vector<std::pair<std::string, std::string>> columns;  ///< pool column, receiver column
};

/// A tree of organisations that receivers stand in, as rows that name their parent.
struct ReceiverTree {
  std::string relation;  ///< empty: there is none
  Column receiver;       ///< column of the receivers that names their place
  Column key;
  Column parent;  ///< null at a root
};

struct AllocationPlan {
  std::string pools;                       ///< relation, one row a pool
  bool sums_pools = false;                 ///< rows that agree in `carry` are one pool
  std::vector<Column> carry;               ///< pool columns that go to every result
  std::vector<std::string> pool_key;       ///< unique per pool, all of them among `carry`
  Column amount;                           ///< of the pool: money, decimal up to 18 digits, integer
  bool pool_key_is_unique = false;         ///< known from the dataset's key, so not checked again
  std::string currency;                    ///< pool column; empty: all of one currency
  std::map<std::string, int> minor_units;  ///< by currency: fraction digits fewer than the amount's

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

  Method method = Method::largest_remainder;
  std::vector<Column> hierarchy;  ///< of cumulative: receiver columns, from the top
  ReceiverTree tree;              ///< instead of `hierarchy`

  ZeroDriver zero_driver = ZeroDriver::fail;
  NegativeDriver negative_driver = NegativeDriver::fail;
  MissingDriver missing_driver = MissingDriver::zero;
  NoReceivers no_receivers = NoReceivers::fail;
  std::string previous;  ///< of ZeroDriver::previous: earlier parts, with both keys and "amount"
};

/// Allocates every pool to its receivers in proportion to a driver, exact to the minor unit.
///
/// The methods are those of split_amount() as SQL: sign-symmetric, ties to the smaller receiver
/// key, so neither row order nor threads change a part. Amounts and driver values are 64-bit units
/// and products 128-bit, so nothing can overflow.
///
/// Receivers are not kept (but for `cumulative`, which has to sort them once): aggregates over them
/// give a few numbers a pool, its cut, and parts() streams. Uses temporary tables named tm_alloc_*;
/// one Allocation an engine at a time.
class Allocation {
 public:
  Allocation(Engine& engine, AllocationPlan plan);

  /// Weighs the pools. Throws Error(data) for duplicate or missing keys, missing amounts, and where
  /// a policy says fail, naming the first pools; Error(config) where the driver is no column.
  void prepare();

  // Selects over the prepared tables. Amounts have the pool amount's type and are named "amount".
  std::string parts() const;     ///< carry, receiver key, amount
  std::string parked() const;    ///< carry, amount, reason
  std::string residual() const;  ///< like parked(): what is less than the currency's minor unit
  std::string trace() const;     ///< carry, amount, outcome, receivers, driver, its total, rule

  struct Totals {
    std::int64_t pools = 0;
    std::int64_t parked = 0;
    Int128 amount = 0;  ///< units
    Int128 parked_amount = 0;
  };
  Totals totals() const;
  /// Pools by outcome ("proportional", "even", "previous") or, where parked, by reason; in name
  /// order.
  std::vector<std::pair<std::string, std::int64_t>> outcomes() const;
  /// Of each currency, in name order: its name, pools, and the exact sum of their amounts as text.
  struct CurrencyTotal {
    std::string currency;
    std::int64_t pools = 0;
    std::string amount;
  };
  std::vector<CurrencyTotal> currencies() const;
  /// Receivers that match no pool, parked ones included.
  Examples receivers_without_pools() const;

  /// Throws Error(data) naming the first pools whose in != allocated + parked + residual. Compares
  /// the pool relation with what was written (relations), not with what was computed.
  void require_closed(const std::string& written_parts, const std::string& written_parked,
                      const std::string& written_residual) const;

 private:
  /// Pools of one grain beside their receivers: FROM and WHERE, and what a receiver weighs.
  struct Branch {
    std::string from;  ///< aliases p (the pools handed in) and r
    std::string weight;
    std::string reached;  ///< of cumulative: weights up to and with this one, counted ...
    std::string start;    ///< ... from here
  };

  void require_sound_keys() const;
  void require_places();
  void make_pools();
  std::string pool_source() const;
  std::string minor_step() const;
  void require_drivers();
  void weigh();
  std::string weights_of(const Grain& grain, std::size_t index);
  void add_up_groups(const Grain& grain, const std::string& table);
  std::string previous_totals() const;
  void enforce_policies() const;
  void find_weighers();
  void order_receivers();
  void order_grain(std::size_t index);
  std::string weighed_pairs() const;
  void find_cuts();
  void cut_remainders();
  void cut_in_key_order(const std::string& wanted, const std::string& condition,
                        const std::string& best_first);
  void find_starts();
  void keep_ready(const std::string& columns, const std::string& joined);

  std::vector<Branch> branches(const std::string& pools) const;
  std::string condition_of(const Grain& grain) const;
  std::string only_grain(const Grain& grain) const;
  std::string driver_units(std::size_t driver) const;
  std::string weigher(int number) const;
  std::string by_weigher(const std::function<std::string(int)>& text) const;
  std::string within() const;
  std::string part(const Branch& branch) const;
  std::string receiver_order() const;
  void refuse(const std::string& reasons, const std::string& problem,
              const std::string& advice) const;
  std::vector<Column> pool_key_columns() const;

  Engine& engine_;
  AllocationPlan plan_;
  std::vector<std::size_t> used_drivers_;   ///< into plan_.drivers
  std::set<std::size_t> negative_drivers_;  ///< of the used: some receiver has less than zero
  std::set<std::size_t> missing_drivers_;   ///< some receiver has none
  std::vector<int> weighers_;               ///< what receivers are weighed by: see weigher()
  bool has_previous_ = false;               ///< some pool goes by earlier parts
};

}  // namespace tallymill::books
