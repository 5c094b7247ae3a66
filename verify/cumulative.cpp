#include "verify/cumulative.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <set>

#include "verify/ordered_receivers.h"

namespace tallymill::verify {
namespace {

using Wide = boost::multiprecision::uint256_t;

const std::string kParts = "every part is its receiver's share, exact to the unit";
const std::string kNodes = "every node of the hierarchy is within one unit of its exact share";

/// floor(amount * weight / total) of numbers below 2^127.
Int128 share(Int128 amount, Int128 weight, Int128 total) {
  constexpr Int128 kNarrow = static_cast<Int128>(1) << 63;
  if (amount < kNarrow && weight < kNarrow) return amount * weight / total;
  const Wide product = Wide(static_cast<UInt128>(amount)) * Wide(static_cast<UInt128>(weight));
  return static_cast<Int128>(static_cast<UInt128>(product / Wide(static_cast<UInt128>(total))));
}

/// A node that the receivers of a pool are passing through.
struct OpenNode {
  std::uint32_t node = kNone;
  Int128 weight_before = 0;
  Int128 given_before = 0;
};

class CumulativeCheck {
 public:
  CumulativeCheck(Engine& engine, const RecordedJob& job, const AllocationInputs& inputs,
                  const RecordedVersion& parts, Proof& proof)
      : engine_(engine),
        inputs_(inputs),
        parts_(parts),
        proof_(proof),
        receivers_(engine, job, inputs),
        weight_(inputs.pools.size()),
        given_(inputs.pools.size()),
        open_(inputs.pools.size()),
        node_amounts_(receivers_.nodes().size()) {}

  void check(const std::vector<UInt128>& published);

 private:
  /// Calls `take(pool, receiver, units)` with every part there must be, in order.
  template <class Take>
  void expect_parts(const Take& take);
  void pass(std::uint32_t pool, const OrderedReceivers::Path& path);
  void close(std::uint32_t pool, std::size_t level);
  void name_wrong_parts(const std::set<std::uint32_t>& pools);
  void certify_nodes();
  std::string amount(Int128 units) const { return format_decimal(units, inputs_.scale); }

  Engine& engine_;
  const AllocationInputs& inputs_;
  const RecordedVersion& parts_;
  Proof& proof_;
  OrderedReceivers receivers_;
  std::vector<Int128> weight_;  ///< by pool: of the receivers passed
  std::vector<Int128> given_;   ///< by pool: coins, to the receivers passed
  std::vector<std::vector<OpenNode>> open_;
  std::vector<Int128> node_amounts_;  ///< units, signed
  std::int64_t nodes_looked_at_ = 0;
};

template <class Take>
void CumulativeCheck::expect_parts(const Take& take) {
  weight_.assign(inputs_.pools.size(), 0);
  given_.assign(inputs_.pools.size(), 0);
  for (const std::uint32_t receiver : receivers_.order()) {
    inputs_.for_pools_of(receiver, [&](std::uint32_t number) {
      const Pool& pool = inputs_.pools[number];
      if (!pool.reason.empty()) return;
      take(number, receiver, [&] {
        weight_[number] += inputs_.weight_of(number, receiver);
        const Int128 reached = share(pool.coins(), weight_[number], pool.total);
        const Int128 coins = reached - given_[number];
        given_[number] = reached;
        return pool.sign() * coins * pool.coin;
      });
    });
  }
}

/// The pool comes to a receiver at `path`: nodes it has left are judged.
void CumulativeCheck::pass(std::uint32_t pool, const OrderedReceivers::Path& path) {
  std::vector<OpenNode>& open = open_[pool];
  std::size_t shared = 0;
  while (shared < open.size() && shared < path.size() && open[shared].node == path[shared])
    ++shared;
  while (open.size() > shared) close(pool, open.size() - 1);
  for (std::size_t level = open.size(); level < path.size(); ++level)
    open.push_back({path[level], weight_[pool], given_[pool]});
}

void CumulativeCheck::close(std::uint32_t number, std::size_t level) {
  const Pool& pool = inputs_.pools[number];
  const OpenNode node = open_[number][level];
  open_[number].resize(level);
  const Int128 weight = weight_[number] - node.weight_before;
  const Int128 coins = given_[number] - node.given_before;
  node_amounts_[node.node] += pool.sign() * coins * pool.coin;
  ++nodes_looked_at_;
  // Within one coin: coins - 1 < exact share < coins + 1.
  const Wide total(static_cast<UInt128>(pool.total));
  const Wide exact = Wide(static_cast<UInt128>(pool.coins())) * Wide(static_cast<UInt128>(weight));
  const Wide given = Wide(static_cast<UInt128>(coins)) * total;
  if (exact < given + total && given < exact + total) return;
  proof_.fails({.dataset = parts_.dataset,
                .identity = kNodes,
                .expected = "less than one unit from the exact share of " +
                            receivers_.nodes()[node.node].name + " in pool " + pool.name,
                .found = amount(pool.sign() * coins * pool.coin)});
}

void CumulativeCheck::check(const std::vector<UInt128>& published) {
  std::vector<UInt128> expected(inputs_.pools.size());
  expect_parts([&](std::uint32_t pool, std::uint32_t receiver, const auto& units) {
    pass(pool, receivers_.path_of(receiver));
    expected[pool] += part_hash(pool, inputs_.receiver_key_of(receiver), units());
  });
  for (std::uint32_t pool = 0; pool < open_.size(); ++pool)
    while (!open_[pool].empty()) close(pool, open_[pool].size() - 1);
  proof_.looked_at(kNodes, nodes_looked_at_);
  std::set<std::uint32_t> wrong;
  for (std::uint32_t pool = 0; pool < expected.size(); ++pool)
    if (expected[pool] != published[pool]) wrong.insert(pool);
  if (!wrong.empty()) name_wrong_parts(wrong);
  certify_nodes();
}

/// Reads the parts again, of these pools only, and compares them one by one.
void CumulativeCheck::name_wrong_parts(const std::set<std::uint32_t>& pools) {
  struct Found {
    Int128 units = 0;
    std::string file = {};
    std::int64_t line = 0;
  };
  ByHash<Found> found;
  std::vector<std::string> names = inputs_.pool_key;
  names.insert(names.end(), inputs_.receiver_key.begin(), inputs_.receiver_key.end());
  names.emplace_back("amount");
  const std::vector<std::size_t> pool_key = places(0, inputs_.pool_key.size());
  const std::vector<std::size_t> receiver_key =
      places(pool_key.size(), inputs_.receiver_key.size());
  std::string bytes;
  read_rows(engine_, parts_, columns_named(row_shape(parts_.folder).schema, names, parts_.dataset),
            {}, [&](const Row& row) {
              const auto pool = inputs_.pool_of(number_of(hash_of(row, pool_key, bytes)));
              if (!pool || !pools.contains(*pool)) return;
              const UInt128 receiver = number_of(hash_of(row, receiver_key, bytes));
              found[AllocationInputs::pair_of(*pool, receiver)] = {
                  row.is_null(names.size() - 1) ? 0 : row.units(names.size() - 1),
                  std::string(row.file()), row.line()};
            });
  expect_parts([&](std::uint32_t pool, std::uint32_t receiver, const auto& units) {
    const Int128 expected = units();
    if (!pools.contains(pool)) return;
    const auto part =
        found.find(AllocationInputs::pair_of(pool, inputs_.receiver_key_of(receiver)));
    if (part == found.end() || part->second.units == expected) return;
    proof_.fails({.dataset = parts_.dataset,
                  .file = part->second.file,
                  .line = part->second.line,
                  .identity = kParts,
                  .expected = amount(expected) + " for " + receivers_.name_of_receiver(receiver) +
                              " of pool " + inputs_.pools[pool].name,
                  .found = amount(part->second.units)});
  });
}

void CumulativeCheck::certify_nodes() {
  std::map<std::string, std::uint32_t> by_name;
  for (std::uint32_t node = 0; node < receivers_.nodes().size(); ++node)
    by_name[receivers_.nodes()[node].name] = node;
  for (const auto& [name, node] : by_name)
    proof_.certify("nodes", {{"node", name},
                             {"level", receivers_.nodes()[node].level},
                             {"allocated", amount(node_amounts_[node])}});
}

}  // namespace

UInt128 part_hash(std::uint32_t pool, UInt128 receiver, Int128 units) {
  const auto bits = static_cast<UInt128>(units);
  const std::uint64_t parts[5] = {
      pool, static_cast<std::uint64_t>(receiver), static_cast<std::uint64_t>(receiver >> 64),
      static_cast<std::uint64_t>(bits), static_cast<std::uint64_t>(bits >> 64)};
  return number_of(xxh3_128({reinterpret_cast<const char*>(parts), sizeof parts}));
}

void check_cumulative(Engine& engine, const RecordedJob& job, const AllocationInputs& inputs,
                      const RecordedVersion& parts, const std::vector<UInt128>& published,
                      Proof& proof) {
  CumulativeCheck(engine, job, inputs, parts, proof).check(published);
}

}  // namespace tallymill::verify
