#include "verify/allocation.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace tallymill::verify {
namespace {

constexpr std::int64_t kNoValue = std::numeric_limits<std::int64_t>::min();

/// The columns a row is read with, each once.
class Selection {
 public:
  std::size_t add(const std::string& name) {
    const auto it = std::find(names_.begin(), names_.end(), name);
    if (it != names_.end()) return static_cast<std::size_t>(it - names_.begin());
    names_.push_back(name);
    return names_.size() - 1;
  }
  std::vector<std::size_t> add(const std::vector<std::string>& names) {
    std::vector<std::size_t> places;
    for (const std::string& name : names) places.push_back(add(name));
    return places;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

bool has_null(const Row& row, const std::vector<std::size_t>& columns) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](std::size_t column) { return row.is_null(column); });
}

}  // namespace

AllocationInputs::AllocationInputs(Engine& engine, const RecordedJob& job)
    : engine_(engine),
      job_(job),
      pool_options_(job.options.object("pool")),
      receiver_options_(job.options.object("receivers")) {
  receiver_key = receiver_options_.columns("key");
  const std::vector<RecordedVersion>& read = input_versions(job, "pool");
  if (pool_options_.has("sum_by"))
    pool_key = pool_options_.columns("sum_by");
  else
    pool_key = row_shape(read.front().folder).schema.key;
  const bool by_place = std::any_of(pool_key.begin(), pool_key.end(),
                                    [](const std::string& name) { return is_provenance(name); });
  if (pool_key.empty() || by_place) pool_key = job.options.columns("carry");
  read_match();
}

const std::vector<RecordedVersion>& AllocationInputs::receiver_versions() const {
  return input_versions(job_, "receivers");
}

void AllocationInputs::read_match() {
  const auto pairs_of = [](YamlNode node) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < node.size(); ++i)
      pairs.emplace_back(node.key(i).text(), node[i].text());
    return pairs;
  };
  if (!receiver_options_.has("match")) {
    grains_.push_back({.value = {}, .columns = {}});
    return;
  }
  const YamlNode match = receiver_options_.node("match");
  const YamlNode by = match.find("by");
  if (!by) {
    grains_.push_back({.value = {}, .columns = pairs_of(match)});
    return;
  }
  grain_column_ = by.text();
  for (std::size_t i = 0; i < match.size(); ++i)
    if (match.key(i).text() != "by")
      grains_.push_back({.value = std::string(match.key(i).text()), .columns = pairs_of(match[i])});
}

void AllocationInputs::read(const ByHash<std::string>& told) {
  read_pools(told);
  read_receivers();
  if (job_.options.text("zero_driver") == "previous") read_previous();
  for (Pool& pool : pools) judge(pool);
}

std::int64_t AllocationInputs::coin_of(const Row& row, std::size_t currency) const {
  if (currency == kNone || row.is_null(currency)) return 1;
  const auto coin = coins_.find(std::string(row.text(currency)));
  return coin == coins_.end() ? 1 : coin->second;
}

void AllocationInputs::read_pools(const ByHash<std::string>& told) {
  Selection selection;
  const std::vector<std::size_t> key = selection.add(pool_key);
  const std::size_t amount = selection.add(pool_options_.text("amount"));
  const std::size_t grain = grain_column_.empty() ? kNone : selection.add(grain_column_);
  const std::size_t currency =
      pool_options_.has("currency") ? selection.add(pool_options_.text("currency")) : kNone;
  std::vector<std::vector<std::size_t>> matched;
  for (const MatchOfGrain& each : grains_) {
    auto& places = matched.emplace_back();
    for (const auto& [pool_column, receiver_column] : each.columns)
      places.push_back(selection.add(pool_column));
  }
  for (const RecordedVersion& version : input_versions(job_, "pool")) {
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, selection.names(), version.dataset);
    scale = columns[amount].type.is_decimal() ? columns[amount].type.scale : 0;
    if (pool_options_.has("minor_units")) {
      const YamlNode digits = pool_options_.node("minor_units");
      for (std::size_t i = 0; i < digits.size(); ++i) {
        std::int64_t coin = 1;
        for (auto more = scale - digits[i].as_integer().value_or(scale); more > 0; --more)
          coin *= 10;
        coins_[std::string(digits.key(i).text())] = coin;
      }
    }
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      const UInt128 hash = number_of(hash_of(row, key, bytes_));
      const auto [entry, is_new] =
          pool_by_key_.emplace(hash, static_cast<std::uint32_t>(pools.size()));
      if (is_new) pools.push_back(Pool{.name = name_of(row, columns, key)});
      Pool& pool = pools[entry->second];
      if (!row.is_null(amount)) pool.amount += row.units(amount);
      if (!is_new) return;
      pool.coin = coin_of(row, currency);
      if (const auto driver = told.find(hash); driver != told.end()) pool.driver = driver->second;
      place(entry->second, row, grain, matched);
    });
  }
}

/// Finds the pool's grain, and within it the group of receivers it is for.
void AllocationInputs::place(std::uint32_t number, const Row& row, std::size_t grain,
                             const std::vector<std::vector<std::size_t>>& matched) {
  Pool& pool = pools[number];
  for (std::uint32_t i = 0; i < grains_.size(); ++i) {
    if (grain != kNone && (row.is_null(grain) || row.text(grain) != grains_[i].value)) continue;
    pool.grain = i;
    if (has_null(row, matched[i])) return;
    const auto [group, is_new] =
        grains_[i].groups.emplace(number_of(hash_of(row, matched[i], bytes_)),
                                  static_cast<std::uint32_t>(grains_[i].pools.size()));
    if (is_new) grains_[i].pools.emplace_back();
    pool.group = group->second;
    grains_[i].pools[pool.group].push_back(number);
    return;
  }
}

void AllocationInputs::number_drivers() {
  for (Pool& pool : pools) {
    if (pool.driver.empty()) continue;
    const auto it = std::find(driver_names_.begin(), driver_names_.end(), pool.driver);
    pool.driver_no = static_cast<std::uint32_t>(it - driver_names_.begin());
    if (it == driver_names_.end()) driver_names_.push_back(pool.driver);
  }
}

/// The columns of these names; a driver that is an expression is one more.
std::vector<Column> AllocationInputs::receiver_columns(const RecordedVersion& version,
                                                       const std::vector<std::string>& names) {
  const Schema schema = row_shape(version.folder).schema;
  std::vector<Column> columns;
  for (const std::string& name : names) {
    const auto expression = job_.expressions.find(name);
    if (schema.find(name) == nullptr && expression != job_.expressions.end())
      columns.push_back(computed_column(engine_, version, name, expression->second));
    else
      columns.push_back(columns_named(schema, std::vector{name}, version.dataset).front());
  }
  return columns;
}

void AllocationInputs::read_receivers() {
  number_drivers();
  Selection selection;
  const std::vector<std::size_t> key = selection.add(receiver_key);
  std::vector<std::vector<std::size_t>> matched;
  for (const MatchOfGrain& grain : grains_) {
    auto& places = matched.emplace_back();
    for (const auto& [pool_column, receiver_column] : grain.columns)
      places.push_back(selection.add(receiver_column));
  }
  const std::vector<std::size_t> valued = selection.add(driver_names_);
  for (const RecordedVersion& version : receiver_versions()) {
    const std::vector<Column> columns = receiver_columns(version, selection.names());
    drivers.clear();
    for (const std::size_t column : valued) drivers.push_back(columns[column]);
    read_rows(
        engine_, version, columns, {},
        [&](const Row& row) {
          const auto number = static_cast<std::uint32_t>(receiver_keys_.size());
          receiver_keys_.add(number_of(hash_of(row, key, bytes_)));
          for (const std::size_t column : valued)
            values_.push_back(row.is_null(column) ? kNoValue
                                                  : static_cast<std::int64_t>(row.units(column)));
          for (std::size_t i = 0; i < grains_.size(); ++i) {
            std::uint32_t group = kNone;
            if (!has_null(row, matched[i])) {
              const auto found =
                  grains_[i].groups.find(number_of(hash_of(row, matched[i], bytes_)));
              if (found != grains_[i].groups.end()) group = found->second;
            }
            groups_.push_back(group);
          }
          weigh(number);
        },
        job_.expressions);
  }
}

void AllocationInputs::weigh(std::uint32_t receiver) {
  for_pools_of(receiver, [&](std::uint32_t number) {
    Pool& pool = pools[number];
    ++pool.receivers;
    pool.pairs += pair_of(number, receiver_keys_[receiver]);
    if (pool.driver_no == kNone) return;
    const auto value = driver_value(pool, receiver);
    if (!value) ++pool.missing;
    if (value && *value < 0) ++pool.negatives;
    if (value && *value > 0) pool.driver_total += *value;
  });
}

/// Parts of an earlier period weigh where the drivers add up to nothing.
void AllocationInputs::read_previous() {
  std::vector<std::string> names = pool_key;
  names.insert(names.end(), receiver_key.begin(), receiver_key.end());
  names.emplace_back("amount");
  const std::vector<std::size_t> pool_places = places(0, pool_key.size());
  const std::vector<std::size_t> receiver_places = places(pool_key.size(), receiver_key.size());
  const auto found = job_.inputs.find(input_name(job_.options.object("previous")));
  if (found == job_.inputs.end()) return;
  for (const RecordedVersion& version : found->second) {
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, names, version.dataset);
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      const auto pool = pool_of(number_of(hash_of(row, pool_places, bytes_)));
      const UInt128 key = number_of(hash_of(row, receiver_places, bytes_));
      const auto receiver = receiver_of(key);
      if (!pool || !receiver || pools[*pool].driver_total != 0) return;
      if (!is_for(pools[*pool], *receiver) || row.is_null(names.size() - 1)) return;
      const Int128 units = row.units(names.size() - 1);
      previous_[pair_of(*pool, key)] += units < 0 ? -units : units;
      pools[*pool].total += units < 0 ? -units : units;
    });
  }
}

/// The policies, in the order docs/jobs/allocate.md gives them.
void AllocationInputs::judge(Pool& pool) const {
  const std::string zero = job_.options.text("zero_driver");
  const Int128 earlier = pool.total;
  if (pool.grain == kNone)
    pool.reason = "unmatched_grain";
  else if (pool.driver.empty())
    pool.reason = "no_driver";
  else if (pool.receivers == 0)
    pool.reason = "no_receivers";
  else if (pool.missing > 0 && job_.options.text("missing_driver") != "zero")
    pool.reason = "missing_driver";
  else if (pool.negatives > 0 && job_.options.text("negative_driver") != "zero")
    pool.reason = "negative_driver";
  else if (pool.driver_total == 0 && zero == "previous" && earlier == 0)
    pool.reason = "no_previous_parts";
  else if (pool.driver_total == 0 && zero != "even" && zero != "previous")
    pool.reason = "zero_driver";
  pool.total = pool.driver_total;
  if (pool.driver_total != 0) return;
  pool.weighing = zero == "previous" ? Pool::Weighing::previous : Pool::Weighing::even;
  pool.total = zero == "previous" ? earlier : pool.receivers;
}

std::optional<std::uint32_t> AllocationInputs::pool_of(UInt128 key) const {
  const auto found = pool_by_key_.find(key);
  return found == pool_by_key_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> AllocationInputs::receiver_of(UInt128 key) const {
  return receiver_keys_.find(key);
}

bool AllocationInputs::is_for(const Pool& pool, std::uint32_t receiver) const {
  return pool.group != kNone && groups_[receiver * grains_.size() + pool.grain] == pool.group;
}

std::optional<std::int64_t> AllocationInputs::driver_value(const Pool& pool,
                                                           std::uint32_t receiver) const {
  const std::int64_t value = values_[receiver * driver_names_.size() + pool.driver_no];
  return value == kNoValue ? std::nullopt : std::optional(value);
}

Int128 AllocationInputs::weight_of(std::uint32_t number, std::uint32_t receiver) const {
  const Pool& pool = pools[number];
  if (pool.weighing == Pool::Weighing::even) return 1;
  if (pool.weighing == Pool::Weighing::previous) {
    const auto found = previous_.find(pair_of(number, receiver_keys_[receiver]));
    return found == previous_.end() ? 0 : found->second;
  }
  return std::max<std::int64_t>(driver_value(pool, receiver).value_or(0), 0);
}

UInt128 AllocationInputs::pair_of(std::uint32_t pool, UInt128 receiver) {
  const std::uint64_t parts[3] = {pool, static_cast<std::uint64_t>(receiver),
                                  static_cast<std::uint64_t>(receiver >> 64)};
  return number_of(xxh3_128({reinterpret_cast<const char*>(parts), sizeof parts}));
}

}  // namespace tallymill::verify
