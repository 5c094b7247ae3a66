#include "verify/allocation.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace tallymill::verify {
namespace {

constexpr std::int64_t kNoValue = std::numeric_limits<std::int64_t>::min();

std::string input_name(const Options& input) {
  return input.has("as") ? input.text("as") : input.text("dataset");
}

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
  const auto versions = job.inputs.find(input_name(pool_options_));
  if (versions == job.inputs.end() || versions->second.empty())
    throw Error(ErrorClass::data, "the run has no version of the pools on record");
  const Schema schema = row_shape(versions->second.front().folder).schema;
  pool_key = schema.key;
  const bool by_place = std::any_of(pool_key.begin(), pool_key.end(),
                                    [](const std::string& name) { return is_provenance(name); });
  if (pool_key.empty() || by_place) pool_key = job.options.columns("carry");
  read_match();
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
  for (Pool& pool : pools) judge(pool);
}

void AllocationInputs::read_pools(const ByHash<std::string>& told) {
  Selection selection;
  const std::vector<std::size_t> key = selection.add(pool_key);
  const std::size_t amount = selection.add(pool_options_.text("amount"));
  const std::size_t grain = grain_column_.empty() ? kNone : selection.add(grain_column_);
  std::vector<std::vector<std::size_t>> matched;
  for (const MatchOfGrain& each : grains_) {
    auto& places = matched.emplace_back();
    for (const auto& [pool_column, receiver_column] : each.columns)
      places.push_back(selection.add(pool_column));
  }
  std::string bytes;
  for (const RecordedVersion& version : job_.inputs.at(input_name(pool_options_))) {
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, selection.names(), version.dataset);
    scale = columns[amount].type.is_decimal() ? columns[amount].type.scale : 0;
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      const auto number = static_cast<std::uint32_t>(pools.size());
      Pool& pool = pools.emplace_back(Pool{.name = name_of(row, columns, key)});
      pool.amount = row.is_null(amount) ? 0 : row.units(amount);
      const UInt128 hash = number_of(hash_of(row, key, bytes));
      pool_by_key_.emplace(hash, number);
      if (const auto driver = told.find(hash); driver != told.end()) pool.driver = driver->second;
      for (std::uint32_t i = 0; i < grains_.size(); ++i) {
        if (grain != kNone && (row.is_null(grain) || row.text(grain) != grains_[i].value)) continue;
        pool.grain = i;
        if (has_null(row, matched[i])) break;
        const auto [group, is_new] =
            grains_[i].groups.emplace(number_of(hash_of(row, matched[i], bytes)),
                                      static_cast<std::uint32_t>(grains_[i].pools.size()));
        if (is_new) grains_[i].pools.emplace_back();
        pool.group = group->second;
        grains_[i].pools[pool.group].push_back(number);
        break;
      }
    });
  }
}

void AllocationInputs::read_receivers() {
  const std::vector<RecordedVersion>& versions = job_.inputs.at(input_name(receiver_options_));
  Selection selection;
  const std::vector<std::size_t> key = selection.add(receiver_key);
  std::vector<std::vector<std::size_t>> matched;
  for (const MatchOfGrain& grain : grains_) {
    auto& places = matched.emplace_back();
    for (const auto& [pool_column, receiver_column] : grain.columns)
      places.push_back(selection.add(receiver_column));
  }
  std::vector<std::size_t> valued;
  std::vector<std::string> names;
  for (Pool& pool : pools) {
    if (pool.driver.empty()) continue;
    const auto it = std::find(names.begin(), names.end(), pool.driver);
    pool.driver_no = static_cast<std::uint32_t>(it - names.begin());
    if (it == names.end()) names.push_back(pool.driver);
  }
  for (const std::string& name : names) valued.push_back(selection.add(name));
  std::string bytes;
  for (const RecordedVersion& version : versions) {
    const Schema schema = row_shape(version.folder).schema;
    const std::vector<Column> columns = columns_named(schema, selection.names(), version.dataset);
    drivers = columns_named(schema, names, version.dataset);
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      const auto number = static_cast<std::uint32_t>(receiver_keys_.size());
      receiver_keys_.push_back(number_of(hash_of(row, key, bytes)));
      receiver_by_key_.emplace(receiver_keys_.back(), number);
      for (const std::size_t column : valued)
        values_.push_back(row.is_null(column) ? kNoValue
                                              : static_cast<std::int64_t>(row.units(column)));
      for (std::size_t i = 0; i < grains_.size(); ++i) {
        std::uint32_t group = kNone;
        if (!has_null(row, matched[i])) {
          const auto found = grains_[i].groups.find(number_of(hash_of(row, matched[i], bytes)));
          if (found != grains_[i].groups.end()) group = found->second;
        }
        groups_.push_back(group);
      }
      weigh(number);
    });
  }
}

void AllocationInputs::weigh(std::uint32_t receiver) {
  for (std::size_t i = 0; i < grains_.size(); ++i) {
    const std::uint32_t group = groups_[receiver * grains_.size() + i];
    if (group == kNone) continue;
    for (const std::uint32_t number : grains_[i].pools[group]) {
      Pool& pool = pools[number];
      ++pool.receivers;
      pool.pairs += pair_of(number, receiver_keys_[receiver]);
      if (pool.driver_no == kNone) continue;
      const auto value = driver_value(pool, receiver);
      if (!value) ++pool.missing;
      if (value && *value < 0) ++pool.negatives;
      if (value && *value > 0) pool.weight += *value;
    }
  }
}

/// The policies, in the order docs/jobs/allocate.md gives them.
void AllocationInputs::judge(Pool& pool) const {
  const bool zero_counts = job_.options.text("negative_driver") == "zero";
  const bool is_even = job_.options.text("zero_driver") == "even";
  if (pool.grain == kNone)
    pool.reason = "unmatched_grain";
  else if (pool.driver.empty())
    pool.reason = "no_driver";
  else if (pool.receivers == 0)
    pool.reason = "no_receivers";
  else if (pool.negatives > 0 && !zero_counts)
    pool.reason = "negative_driver";
  else if (pool.weight == 0 && !is_even)
    pool.reason = "zero_driver";
  pool.is_even = pool.reason.empty() && pool.weight == 0;
  if (pool.is_even) pool.weight = pool.receivers;
}

std::optional<std::uint32_t> AllocationInputs::pool_of(UInt128 key) const {
  const auto found = pool_by_key_.find(key);
  return found == pool_by_key_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> AllocationInputs::receiver_of(UInt128 key) const {
  const auto found = receiver_by_key_.find(key);
  return found == receiver_by_key_.end() ? std::nullopt : std::optional(found->second);
}

bool AllocationInputs::is_for(const Pool& pool, std::uint32_t receiver) const {
  return pool.group != kNone && groups_[receiver * grains_.size() + pool.grain] == pool.group;
}

std::optional<std::int64_t> AllocationInputs::driver_value(const Pool& pool,
                                                           std::uint32_t receiver) const {
  if (pool.driver_no == kNone) return std::nullopt;
  const std::size_t count = values_.size() / receiver_keys_.size();
  const std::int64_t value = values_[receiver * count + pool.driver_no];
  return value == kNoValue ? std::nullopt : std::optional(value);
}

Int128 AllocationInputs::weight_of(const Pool& pool, std::optional<std::int64_t> value) {
  if (pool.is_even) return 1;
  return value && *value > 0 ? *value : 0;
}

UInt128 AllocationInputs::pair_of(std::uint32_t pool, UInt128 receiver) {
  std::uint64_t parts[3] = {pool, static_cast<std::uint64_t>(receiver),
                            static_cast<std::uint64_t>(receiver >> 64)};
  return number_of(xxh3_128({reinterpret_cast<const char*>(parts), sizeof parts}));
}

}  // namespace tallymill::verify
