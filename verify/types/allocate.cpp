#include <algorithm>
#include <functional>

#include "core/text.h"
#include "verify/allocation.h"
#include "verify/cumulative.h"
#include "verify/placement.h"
#include "verify/verifier.h"

namespace tallymill::verify {
namespace {

const std::string kPools = "of every pool: in = allocated + parked + residual";
const std::string kParts = "every part is its receiver's share, exact to the unit";
const std::string kPairs = "every pool has one part for each of its receivers";
const std::string kOrder = "every unit went to the receiver whose turn it was";
const std::string kParked = "a pool is parked for the reason its drivers give";
const std::string kBelowCoin = "below_minor_unit";
const std::string kResidual = "what is left over is less than the smallest coin";
const std::string kTrace = "the trace tells every pool's receivers and driver total";

/// What was published of one pool.
struct Published {
  Int128 allocated = 0;
  Int128 parked = 0;
  Int128 residual = 0;
  std::int64_t parts = 0;
  UInt128 pairs = 0;
  UInt128 hashes = 0;  ///< of the parts, see part_hash()
  Placement placement;
};

class AllocateVerifier {
 public:
  AllocateVerifier(Engine& engine, const RecordedJob& job, Proof& proof)
      : engine_(engine), job_(job), proof_(proof), inputs_(engine, job) {}

  void verify();

 private:
  ByHash<std::string> drivers_told();
  void read_parts();
  void judge_part(const Row& row, std::uint32_t pool, std::uint32_t receiver);
  void read_left(const std::string& name, Int128 Published::*sum);
  void read_trace();
  void judge_pools();
  void judge_order(const Pool& pool, const Published& published);
  void certify(const Pool& pool, const Published& published);
  void fail(const std::string& dataset, const Row& row, const std::string& identity,
            std::string expected, std::string found);
  void fail(const std::string& identity, std::string expected, std::string found);
  std::string amount(Int128 units) const { return format_decimal(units, inputs_.scale); }
  std::uint32_t known_pool(const std::string& dataset, const Row& row,
                           const std::vector<std::size_t>& key, const std::string& identity);

  Engine& engine_;
  const RecordedJob& job_;
  Proof& proof_;
  AllocationInputs inputs_;
  std::string method_;
  std::optional<PlacementMethod> placement_;  ///< empty: cumulative
  std::vector<Published> published_;
  const RecordedVersion* into_ = nullptr;
  std::vector<Column> part_columns_;
  std::vector<std::size_t> receiver_places_;
  std::size_t amount_place_ = 0;
  std::string bytes_;
};

std::string outcome_of(const Pool& pool) {
  if (!pool.reason.empty()) return "parked";
  return pool.weighing == Pool::Weighing::even       ? "even"
         : pool.weighing == Pool::Weighing::previous ? "previous"
                                                     : "proportional";
}

void AllocateVerifier::fail(const std::string& dataset, const Row& row, const std::string& identity,
                            std::string expected, std::string found) {
  proof_.fails({.dataset = dataset,
                .file = std::string(row.file()),
                .line = row.line(),
                .identity = identity,
                .expected = std::move(expected),
                .found = std::move(found)});
}

void AllocateVerifier::fail(const std::string& identity, std::string expected, std::string found) {
  proof_.fails({.dataset = job_.options.text("into"),
                .identity = identity,
                .expected = std::move(expected),
                .found = std::move(found)});
}

/// Which driver a rule chose for a pool is in the trace; that it chose well is the rule's matter.
ByHash<std::string> AllocateVerifier::drivers_told() {
  ByHash<std::string> told;
  const RecordedVersion& trace = made_version(job_, job_.job + ".trace");
  std::vector<std::string> names = inputs_.pool_key;
  names.emplace_back("driver");
  const std::vector<Column> columns =
      columns_named(row_shape(trace.folder).schema, names, trace.dataset);
  const std::vector<std::size_t> key = places(0, names.size() - 1);
  read_rows(engine_, trace, columns, {}, [&](const Row& row) {
    told[number_of(hash_of(row, key, bytes_))] =
        row.is_null(names.size() - 1) ? std::string() : std::string(row.text(names.size() - 1));
  });
  return told;
}

std::uint32_t AllocateVerifier::known_pool(const std::string& dataset, const Row& row,
                                           const std::vector<std::size_t>& key,
                                           const std::string& identity) {
  if (const auto pool = inputs_.pool_of(number_of(hash_of(row, key, bytes_)))) return *pool;
  fail(dataset, row, identity, "a pool that was read", "there is no such pool");
  return kNone;
}

void AllocateVerifier::read_parts() {
  std::vector<std::string> names = inputs_.pool_key;
  names.insert(names.end(), inputs_.receiver_key.begin(), inputs_.receiver_key.end());
  names.emplace_back("amount");
  part_columns_ = columns_named(row_shape(into_->folder).schema, names, into_->dataset);
  const std::vector<std::size_t> pool_places = places(0, inputs_.pool_key.size());
  receiver_places_ = places(pool_places.size(), inputs_.receiver_key.size());
  amount_place_ = names.size() - 1;
  std::int64_t parts = 0;
  read_rows(engine_, *into_, part_columns_, {}, [&](const Row& row) {
    ++parts;
    const std::uint32_t pool = known_pool(into_->dataset, row, pool_places, kPairs);
    if (pool == kNone) return;
    const UInt128 key = number_of(hash_of(row, receiver_places_, bytes_));
    const auto receiver = inputs_.receiver_of(key);
    Published& seen = published_[pool];
    ++seen.parts;
    seen.pairs += AllocationInputs::pair_of(pool, key);
    if (!row.is_null(amount_place_)) seen.allocated += row.units(amount_place_);
    if (!receiver || !inputs_.is_for(inputs_.pools[pool], *receiver))
      return fail(into_->dataset, row, kPairs, "a receiver of pool " + inputs_.pools[pool].name,
                  name_of(row, part_columns_, receiver_places_));
    judge_part(row, pool, *receiver);
  });
  proof_.looked_at(kParts, parts);
}

/// What a part can be follows from its receiver alone; who got the last units is judged at the end
/// of the pool, by the two receivers at the edge.
void AllocateVerifier::judge_part(const Row& row, std::uint32_t number, std::uint32_t receiver) {
  const Pool& pool = inputs_.pools[number];
  const std::string& dataset = into_->dataset;
  if (!pool.reason.empty())
    return fail(dataset, row, kPairs, "no part, for the pool is parked: " + pool.reason,
                "a part of pool " + pool.name);
  const Int128 units = row.is_null(amount_place_) ? 0 : row.units(amount_place_);
  Published& seen = published_[number];
  if (!placement_) {
    seen.hashes += part_hash(number, inputs_.receiver_key_of(receiver), units);
    return;
  }
  const Int128 coin = pool.sign() * pool.coin;
  const Int128 coins = units / coin;
  if (coins * coin != units)
    return fail(dataset, row, kParts, "a multiple of " + amount(pool.coin), amount(units));
  const auto describe = [&](Claim& claim) {
    claim.name = name_of(row, part_columns_, receiver_places_);
    claim.file = row.file();
    claim.line = row.line();
    claim.key.clear();
    for (const std::size_t place : receiver_places_) row.encode_in_order(place, claim.key);
  };
  const auto range = seen.placement.add(*placement_, pool.coins(), pool.total,
                                        inputs_.weight_of(number, receiver), coins, describe);
  if (!range) return;
  std::string expected = amount(coin * range->least);
  if (range->most > range->least)
    expected += (range->most == range->least + 1 ? " or " : " to ") + amount(coin * range->most);
  fail(dataset, row, kParts,
       expected + " for " + name_of(row, part_columns_, receiver_places_) + " of pool " + pool.name,
       amount(units));
}

void AllocateVerifier::read_left(const std::string& name, Int128 Published::*sum) {
  const RecordedVersion& left = made_version(job_, job_.job + "." + name);
  std::vector<std::string> names = inputs_.pool_key;
  names.emplace_back("amount");
  names.emplace_back("reason");
  const std::vector<Column> columns =
      columns_named(row_shape(left.folder).schema, names, left.dataset);
  const std::vector<std::size_t> key = places(0, inputs_.pool_key.size());
  read_rows(engine_, left, columns, {}, [&](const Row& row) {
    const std::uint32_t pool = known_pool(left.dataset, row, key, kParked);
    if (pool == kNone) return;
    Published& seen = published_[pool];
    if (!row.is_null(key.size())) seen.*sum += row.units(key.size());
    const std::string reason =
        row.is_null(key.size() + 1) ? "(none)" : std::string(row.text(key.size() + 1));
    const bool is_parked = name == "parked";
    const std::string expected = is_parked ? inputs_.pools[pool].reason : kBelowCoin;
    if (reason != expected)
      fail(left.dataset, row, is_parked ? kParked : kResidual,
           expected.empty() ? "not parked" : expected, reason);
  });
}

void AllocateVerifier::read_trace() {
  const RecordedVersion& trace = made_version(job_, job_.job + ".trace");
  std::vector<std::string> names = inputs_.pool_key;
  const std::size_t first = names.size();
  for (const char* name : {"amount", "receivers", "without_driver", "negative_driver",
                           "driver_total", "outcome", "reason", "method"})
    names.emplace_back(name);
  const std::vector<Column> columns =
      columns_named(row_shape(trace.folder).schema, names, trace.dataset);
  const std::vector<std::size_t> key = places(0, first);
  std::int64_t pools = 0;
  read_rows(engine_, trace, columns, {}, [&](const Row& row) {
    ++pools;
    const std::uint32_t number = known_pool(trace.dataset, row, key, kTrace);
    if (number == kNone) return;
    const Pool& pool = inputs_.pools[number];
    const auto compare = [&](std::size_t place, const std::string& expected) {
      const std::string found = row.is_null(place) ? "(none)" : row.shown(place);
      if (found != expected)
        fail(trace.dataset, row, kTrace, names[place] + " " + expected, names[place] + " " + found);
    };
    compare(first, amount(pool.amount));
    compare(first + 1, std::to_string(pool.receivers));
    if (pool.driver_no != kNone) {
      const Type& type = inputs_.drivers[pool.driver_no].type;
      compare(first + 2, std::to_string(pool.missing));
      compare(first + 3, std::to_string(pool.negatives));
      compare(first + 4, format_decimal(pool.driver_total, type.is_decimal() ? type.scale : 0));
    }
    compare(first + 5, outcome_of(pool));
    compare(first + 6, pool.reason.empty() ? "(none)" : pool.reason);
    compare(first + 7, method_);
  });
  proof_.looked_at(kTrace, pools);
  if (pools != static_cast<std::int64_t>(inputs_.pools.size()))
    fail(kTrace, std::to_string(inputs_.pools.size()) + " pools in the trace",
         std::to_string(pools));
}

void AllocateVerifier::judge_order(const Pool& pool, const Published& published) {
  if (!placement_ || published.placement.holds(*placement_)) return;
  const Claim& served = published.placement.last_served();
  const Claim& unserved = published.placement.first_unserved();
  proof_.fails({.dataset = into_->dataset,
                .file = served.file,
                .line = served.line,
                .identity = kOrder,
                .expected = "the last unit of pool " + pool.name + " for " + unserved.name +
                            " (line " + std::to_string(unserved.line) + ")",
                .found = "for " + served.name + ", which comes after it"});
}

void AllocateVerifier::judge_pools() {
  for (std::size_t i = 0; i < inputs_.pools.size(); ++i) {
    const Pool& pool = inputs_.pools[i];
    const Published& seen = published_[i];
    if (pool.amount != seen.allocated + seen.parked + seen.residual)
      fail(kPools, "pool " + pool.name + ": in " + amount(pool.amount),
           "allocated " + amount(seen.allocated) + " + parked " + amount(seen.parked) +
               " + residual " + amount(seen.residual));
    const std::int64_t parts = pool.reason.empty() ? pool.receivers : 0;
    const UInt128 pairs = pool.reason.empty() ? pool.pairs : 0;
    if (parts != seen.parts)
      fail(kPairs, "pool " + pool.name + ": " + std::to_string(parts) + " parts",
           std::to_string(seen.parts) + " parts");
    else if (pairs != seen.pairs)
      fail(kPairs, "pool " + pool.name + ": one part for each of its receivers",
           "a receiver twice, and another one not at all");
    if (pool.reason.empty() && seen.residual != pool.below_coin())
      fail(kResidual, "pool " + pool.name + ": " + amount(pool.below_coin()),
           amount(seen.residual));
    judge_order(pool, seen);
    certify(pool, seen);
  }
  const auto pools = static_cast<std::int64_t>(inputs_.pools.size());
  for (const std::string& identity : {kPools, kPairs, kParked, kResidual})
    proof_.looked_at(identity, pools);
  if (placement_) proof_.looked_at(kOrder, pools);
}

void AllocateVerifier::certify(const Pool& pool, const Published& published) {
  json::object line{{"pool", pool.name},
                    {"in", amount(pool.amount)},
                    {"allocated", amount(published.allocated)},
                    {"parked", amount(published.parked)},
                    {"residual", amount(published.residual)},
                    {"receivers", pool.receivers}};
  if (!pool.reason.empty()) line["reason"] = pool.reason;
  proof_.certify("pools", std::move(line));
}

void AllocateVerifier::verify() {
  method_ = job_.options.text("method",
                              job_.options.has("hierarchy") ? "cumulative" : "largest_remainder");
  placement_ = placement_method(method_);
  if (!placement_ && method_ != "cumulative")
    return proof_.leaves_out("the parts: method '" + method_ + "' is not recomputed");
  into_ = &made_version(job_, job_.options.text("into"));
  inputs_.read(drivers_told());
  published_.resize(inputs_.pools.size());
  read_parts();
  read_left("parked", &Published::parked);
  read_left("residual", &Published::residual);
  read_trace();
  judge_pools();
  if (placement_) return;
  std::vector<UInt128> hashes;
  for (const Published& seen : published_) hashes.push_back(seen.hashes);
  check_cumulative(engine_, job_, inputs_, *into_, hashes, proof_);
}

}  // namespace
}  // namespace tallymill::verify

namespace tallymill {

void register_allocate(Registry<JobVerifier>& verifiers) {
  verifiers.add(
      {.name = "allocate",
       .summary = "Every pool closes, and every part is its receiver's share.",
       .verify = [](Engine& engine, const verify::RecordedJob& job, verify::Proof& proof) {
         verify::AllocateVerifier(engine, job, proof).verify();
       }});
}

}  // namespace tallymill
