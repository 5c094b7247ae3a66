#include "books/placement_functions.h"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <memory>
#include <vector>

#include "books/divisor_method.h"
#include "core/text.h"
#include "datasets/aggregate_function.h"

namespace tallymill::books {
namespace {

constexpr std::size_t kBuckets = 256;

using Arguments = std::span<const ColumnView>;

std::int64_t integer(Arguments arguments, std::size_t index, std::size_t row) {
  return arguments[index].as<std::int64_t>()[row];
}
UInt128 wide(Arguments arguments, std::size_t index, std::size_t row) {
  return static_cast<UInt128>(arguments[index].as<Int128>()[row]);
}

struct Share {
  std::int64_t quota = 0;
  UInt128 remainder = 0;
};

/// units * weight = quota * total + remainder; in 64 bits where that is enough, which is four times
/// as fast.
Share share_of(std::int64_t units, std::int64_t weight, UInt128 total) {
  std::uint64_t narrow = 0;
  if ((total >> 64) == 0 && !__builtin_mul_overflow(static_cast<std::uint64_t>(units),
                                                    static_cast<std::uint64_t>(weight), &narrow)) {
    const auto divisor = static_cast<std::uint64_t>(total);
    const std::uint64_t quota = narrow / divisor;
    return {static_cast<std::int64_t>(quota), narrow - quota * divisor};
  }
  const UInt128 product = static_cast<UInt128>(units) * static_cast<UInt128>(weight);
  const UInt128 quota = product / total;
  return {static_cast<std::int64_t>(quota), product - quota * total};
}

int bits_of(UInt128 value) {
  constexpr int kHalf = 64;
  const auto high = static_cast<std::uint64_t>(value >> kHalf);
  return high != 0 ? kHalf + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
}

/// The top eight bits that a remainder below `total` can have: buckets keep the order of
/// remainders.
std::size_t bucket_of(UInt128 remainder, UInt128 total) {
  constexpr int kBucketBits = 8;
  return static_cast<std::size_t>(remainder >> std::max(0, bits_of(total) - kBucketBits));
}

Column integer_field(const char* name) { return {.name = name, .type = Type::integer()}; }

void write_null(ColumnWriter& result, std::size_t row, std::size_t fields) {
  result.set_null(row);
  for (std::size_t i = 0; i < fields; ++i) result.field(i).set_null(row);
}

/// Pools of few receivers are many, so their buckets are kept as a list at first.
class RemainderCut final : public GroupState {
 public:
  void add(Arguments arguments, std::size_t row) override {
    units_ = integer(arguments, 0, row);
    const UInt128 total = wide(arguments, 2, row);
    const Share share = share_of(units_, integer(arguments, 1, row), total);
    quotas_ += share.quota;
    count(bucket_of(share.remainder, total), 1);
  }
  void merge(GroupState& other) override {
    auto& more = static_cast<RemainderCut&>(other);
    units_ = more.units_;
    quotas_ += more.quotas_;
    for (const std::uint8_t bucket : more.few_) count(bucket, 1);
    for (std::size_t bucket = 0; bucket < more.counts_.size(); ++bucket)
      count(bucket, more.counts_[bucket]);
  }
  void write(ColumnWriter& result, std::size_t row) const override {
    std::array<std::int64_t, kBuckets> counts{};
    for (const std::uint8_t bucket : few_) ++counts[bucket];
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
      counts[bucket] += counts_[bucket];
    std::int64_t wanted = units_ - quotas_;
    if (wanted == 0) return write_null(result, row, 2);
    std::size_t bucket = kBuckets - 1;
    for (; counts[bucket] < wanted; --bucket) wanted -= counts[bucket];
    result.field(0).as<std::int64_t>()[row] = static_cast<std::int64_t>(bucket);
    result.field(1).as<std::int64_t>()[row] = wanted;
  }

 private:
  void count(std::size_t bucket, std::int64_t receivers) {
    if (counts_.empty() && few_.size() < kBuckets && receivers == 1) {
      few_.push_back(static_cast<std::uint8_t>(bucket));
      return;
    }
    counts_.resize(kBuckets);
    counts_[bucket] += receivers;
  }

  std::int64_t units_ = 0;
  std::int64_t quotas_ = 0;
  std::vector<std::uint8_t> few_;
  std::vector<std::int64_t> counts_;
};

class UnitsLeft final : public GroupState {
 public:
  void add(Arguments arguments, std::size_t row) override {
    units_ = integer(arguments, 0, row);
    quotas_ += share_of(units_, integer(arguments, 1, row), wide(arguments, 2, row)).quota;
  }
  void merge(GroupState& other) override {
    units_ = static_cast<UnitsLeft&>(other).units_;
    quotas_ += static_cast<UnitsLeft&>(other).quotas_;
  }
  void write(ColumnWriter& result, std::size_t row) const override {
    result.field(0).as<std::int64_t>()[row] = units_ - quotas_;
  }

 private:
  std::int64_t units_ = 0;
  std::int64_t quotas_ = 0;
};

/// Holds the weights of a pool: eight bytes a receiver.
class DivisorWeights final : public GroupState {
 public:
  explicit DivisorWeights(Method method) : method_(method) {}
  void add(Arguments arguments, std::size_t row) override {
    units_ = integer(arguments, 0, row);
    weights_.push_back(integer(arguments, 1, row));
  }
  void merge(GroupState& other) override {
    auto& more = static_cast<DivisorWeights&>(other);
    units_ = more.units_;
    weights_.insert(weights_.end(), more.weights_.begin(), more.weights_.end());
  }
  void write(ColumnWriter& result, std::size_t row) const override {
    std::vector<std::int64_t> weights = weights_;
    const DivisorCut cut = divisor_cut(method_, static_cast<std::uint64_t>(units_), weights);
    if (cut.served == 0) return write_null(result, row, 3);
    result.field(0).as<std::int64_t>()[row] = cut.last.weight;
    result.field(1).as<std::int64_t>()[row] = cut.last.units;
    result.field(2).as<std::int64_t>()[row] = cut.served;
  }

 private:
  Method method_;
  std::int64_t units_ = 0;
  std::vector<std::int64_t> weights_;
};

void ensure(Engine& engine, const ScalarFunction& function) {
  if (!engine.has_function(function.name)) engine.add_function(function);
}

/// Every function is total: what is null means what its own comment says, so DuckDB must not skip
/// rows. `part` gives the magnitude.
template <class Part>
std::string part_function(Engine& engine, const std::string& name,
                          const std::vector<Type>& parameters, const Type& type, Part part) {
  std::string full =
      name + "_" + std::to_string(type.scale) + (type.kind == TypeKind::integer ? "_integer" : "");
  const std::size_t sign = parameters.size() - 1;
  ensure(engine,
         {.name = full,
          .parameters = parameters,
          .result = {{.name = "value", .type = type}},
          .evaluate = [part, sign](Arguments arguments, std::size_t rows, ColumnWriter& result) {
            auto* parts = result.as<std::int64_t>();
            for (std::size_t row = 0; row < rows; ++row)
              parts[row] = part(arguments, row) * integer(arguments, sign, row);
          }});
  return full;
}

bool holds(Arguments arguments, std::size_t index, std::size_t row) {
  return !arguments[index].is_null(row) && arguments[index].as<bool>()[row];
}

std::string call(const std::string& name, std::initializer_list<std::string> arguments) {
  return name + "(" + join(std::vector<std::string>(arguments), ", ") + ")";
}

const Type kWide = Type::decimal(38, 0);

}  // namespace

std::string remainder_cut_sql(Engine& engine, const std::string& units, const std::string& weight,
                              const std::string& total) {
  add_aggregate(engine, {.name = "tm_remainder_cut",
                         .parameters = {Type::integer(), Type::integer(), kWide},
                         .result = {integer_field("bucket"), integer_field("wanted")},
                         .make = [] { return std::make_unique<RemainderCut>(); }});
  return call("tm_remainder_cut", {units, weight, total});
}

std::string remainder_in_sql(Engine& engine, const std::string& bucket, const std::string& units,
                             const std::string& weight, const std::string& total) {
  ensure(engine, {.name = "tm_remainder_in",
                  .parameters = {Type::integer(), Type::integer(), Type::integer(), kWide},
                  .result = {{.name = "value", .type = kWide}},
                  .evaluate = [](Arguments arguments, std::size_t rows, ColumnWriter& result) {
                    result.set_all_null(rows);
                    for (std::size_t row = 0; row < rows; ++row) {
                      if (arguments[0].is_null(row)) continue;
                      const UInt128 sum = wide(arguments, 3, row);
                      const Share share =
                          share_of(integer(arguments, 1, row), integer(arguments, 2, row), sum);
                      if (static_cast<std::int64_t>(bucket_of(share.remainder, sum)) !=
                          integer(arguments, 0, row))
                        continue;
                      result.as<Int128>()[row] = static_cast<Int128>(share.remainder);
                      result.set_valid(row);
                    }
                  }});
  return call("tm_remainder_in", {bucket, units, weight, total});
}

std::string units_left_sql(Engine& engine, const std::string& units, const std::string& weight,
                           const std::string& total) {
  add_aggregate(engine, {.name = "tm_units_left",
                         .parameters = {Type::integer(), Type::integer(), kWide},
                         .result = {integer_field("units")},
                         .make = [] { return std::make_unique<UnitsLeft>(); }});
  return call("tm_units_left", {units, weight, total});
}

std::string quota_part_sql(Engine& engine, const Type& type, const std::string& units,
                           const std::string& weight, const std::string& total,
                           const std::string& cut, const std::string& within,
                           const std::string& sign) {
  const std::string name = part_function(
      engine, "tm_quota_part",
      {Type::integer(), Type::integer(), kWide, kWide, Type::boolean(), Type::integer()}, type,
      [](Arguments arguments, std::size_t row) {
        const Share share = share_of(integer(arguments, 0, row), integer(arguments, 1, row),
                                     wide(arguments, 2, row));
        const bool has_cut = !arguments[3].is_null(row);
        const UInt128 bound = has_cut ? wide(arguments, 3, row) : share.remainder;
        const bool is_first =
            share.remainder > bound || (share.remainder == bound && holds(arguments, 4, row));
        return share.quota + (is_first ? 1 : 0);
      });
  return call(name, {units, weight, total, cut, within, sign});
}

std::string divisor_cut_sql(Engine& engine, Method method, const std::string& units,
                            const std::string& weight) {
  const std::string name = "tm_cut_" + std::string(to_string(method));
  add_aggregate(
      engine, {.name = name,
               .parameters = {Type::integer(), Type::integer()},
               .result = {integer_field("weight"), integer_field("units"), integer_field("wanted")},
               .make = [method] { return std::make_unique<DivisorWeights>(method); }});
  return call(name, {units, weight});
}

std::string is_tied_sql(Engine& engine, Method method, const std::string& weight,
                        const std::string& last_weight, const std::string& last_units) {
  const std::string name = "tm_tied_" + std::string(to_string(method));
  ensure(engine,
         {.name = name,
          .parameters = {Type::integer(), Type::integer(), Type::integer()},
          .result = {{.name = "value", .type = Type::boolean()}},
          .evaluate = [method](Arguments arguments, std::size_t rows, ColumnWriter& result) {
            for (std::size_t row = 0; row < rows; ++row)
              result.as<bool>()[row] =
                  !arguments[1].is_null(row) &&
                  divisor_part(method, integer(arguments, 0, row),
                               {integer(arguments, 1, row), integer(arguments, 2, row)})
                      .is_tied;
          }});
  return call(name, {weight, last_weight, last_units});
}

std::string divisor_part_sql(Engine& engine, Method method, const Type& type,
                             const std::string& weight, const std::string& last_weight,
                             const std::string& last_units, const std::string& within,
                             const std::string& sign) {
  const std::string name = part_function(
      engine, "tm_part_" + std::string(to_string(method)),
      {Type::integer(), Type::integer(), Type::integer(), Type::boolean(), Type::integer()}, type,
      [method](Arguments arguments, std::size_t row) -> std::int64_t {
        if (arguments[1].is_null(row)) return 0;
        const DivisorPart part =
            divisor_part(method, integer(arguments, 0, row),
                         {integer(arguments, 1, row), integer(arguments, 2, row)});
        return part.units + (part.is_tied && holds(arguments, 3, row) ? 1 : 0);
      });
  return call(name, {weight, last_weight, last_units, within, sign});
}

namespace {

/// floor(units * weights / total), where weights may be beyond 64 bits.
std::int64_t rounded_down(std::int64_t units, UInt128 weights, UInt128 total) {
  constexpr int kNarrow = 63;
  if ((weights >> kNarrow) == 0)
    return share_of(units, static_cast<std::int64_t>(weights), total).quota;
  using Wide = boost::multiprecision::uint256_t;
  return static_cast<std::int64_t>(Wide(units) * Wide(weights) / Wide(total));
}

}  // namespace

std::string span_part_sql(Engine& engine, const Type& type, const std::string& units,
                          const std::string& weight, const std::string& reached,
                          const std::string& start, const std::string& total,
                          const std::string& sign) {
  const std::string name =
      part_function(engine, "tm_span_part",
                    {Type::integer(), Type::integer(), kWide, kWide, kWide, Type::integer()}, type,
                    [](Arguments arguments, std::size_t row) {
                      const std::int64_t amount = integer(arguments, 0, row);
                      const auto own = static_cast<UInt128>(integer(arguments, 1, row));
                      const UInt128 end = wide(arguments, 2, row) - wide(arguments, 3, row);
                      const UInt128 sum = wide(arguments, 4, row);
                      return rounded_down(amount, end, sum) - rounded_down(amount, end - own, sum);
                    });
  return call(name, {units, weight, reached, start, total, sign});
}

}  // namespace tallymill::books
