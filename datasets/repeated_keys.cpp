#include "datasets/repeated_keys.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "datasets/key_filter.h"
#include "datasets/key_hash.h"
#include "datasets/key_set.h"
#include "datasets/row_hash_aggregate.h"

namespace tallymill {
namespace {

/// A set of key hashes that leaves those that come twice where the caller looks.
class RepeatedState {
 public:
  RepeatedState(std::shared_ptr<KeyHashes> found, const std::vector<Column>& key,
                std::uint64_t part, std::uint64_t parts)
      : found_(std::move(found)), hasher_(key), hashes_(part, parts) {}

  void add_chunk(std::span<const ColumnView> key, std::size_t rows) {
    chunk_.resize(rows);
    hasher_.hash(key, rows, chunk_.data());
    // Parts go by other bits than buckets and places in them.
    for (const std::uint64_t hash : chunk_) hashes_.add({hash, hash >> 8});
  }
  void merge(RepeatedState&& other) { hashes_.merge(std::move(other.hashes_)); }
  /// Called once, on the merge of all.
  std::string text() const {
    *found_ = hashes_.repeated();
    return std::to_string(found_->size());
  }

 private:
  std::shared_ptr<KeyHashes> found_;
  KeyHasher hasher_;
  KeySet hashes_;
  std::vector<std::uint64_t> chunk_;
};

/// What all threads share of a search. A function outlives its statement, a filter need not.
struct SharedSearch {
  std::optional<KeyFilter> seen;
  std::optional<KeyHashes> found;
};

/// What one thread found of a search.
class LikelyState {
 public:
  /// Four of five bytes are the filter's.
  LikelyState(const KeySearch& search, std::int64_t rows, std::int64_t bytes,
              std::shared_ptr<SharedSearch> shared)
      : shared_(std::move(shared)),
        hasher_(search.key),
        nulls_are_values_(search.nulls_are_values),
        most_(static_cast<std::size_t>(bytes / kBytesPerRow) / sizeof(KeyHashes::value_type)) {
    shared_->seen.emplace(rows, bytes / kBytesPerRow * (kBytesPerRow - 1));
  }

  static constexpr std::int64_t kBytesPerRow = 5;

  void add_chunk(std::span<const ColumnView> key, std::size_t rows) {
    if (repeated_.size() > most_) return;
    chunk_.resize(rows);
    hasher_.hash(key, rows, chunk_.data());
    if (!nulls_are_values_) leave_out_nulls(key);
    KeyFilter& seen = *shared_->seen;
    for (const std::uint64_t hash : chunk_) seen.prefetch(hash);
    for (const std::uint64_t hash : chunk_)
      if (seen.add(hash)) repeated_.push_back(hash);
  }
  void merge(LikelyState&& other) {
    repeated_.insert(repeated_.end(), other.repeated_.begin(), other.repeated_.end());
  }
  /// Called once, on the merge of all.
  std::string text() const {
    if (repeated_.size() <= most_) shared_->found = repeated_;
    return std::to_string(repeated_.size());
  }

 private:
  void leave_out_nulls(std::span<const ColumnView> key) {
    for (const ColumnView& column : key) {
      if (column.validity == nullptr) continue;
      nulls_.resize(chunk_.size());
      for (std::size_t row = 0; row < chunk_.size(); ++row)
        if (column.is_null(row)) nulls_[row] = true;
    }
    if (nulls_.empty()) return;
    std::size_t kept = 0;
    for (std::size_t row = 0; row < chunk_.size(); ++row)
      if (!nulls_[row]) chunk_[kept++] = chunk_[row];
    chunk_.resize(kept);
    nulls_.clear();
  }

  std::shared_ptr<SharedSearch> shared_;
  KeyHasher hasher_;
  bool nulls_are_values_;
  std::size_t most_;
  KeyHashes repeated_;
  std::vector<std::uint64_t> chunk_;
  std::vector<bool> nulls_;
};

void sort_once(KeyHashes& hashes) {
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

std::string new_name(Engine& engine, const std::string& prefix) {
  return prefix + std::to_string(engine.next_name());
}

/// Appends what one pass finds.
void search_once(Engine& engine, const std::string& relation, std::int64_t rows, std::int64_t bytes,
                 std::span<const KeySearch> searches, std::vector<std::optional<KeyHashes>>& all) {
  std::vector<std::shared_ptr<SharedSearch>> shared;
  std::vector<std::string> calls;
  for (const KeySearch& search : searches) {
    shared.push_back(std::make_shared<SharedSearch>());
    const std::string call =
        RowHashAggregate<LikelyState>::add(engine, new_name(engine, "tm_likely_"), search.key,
                                           LikelyState(search, rows, bytes, shared.back()));
    calls.push_back(call + (search.where.empty() ? "" : " FILTER (WHERE " + search.where + ")"));
  }
  // Grouped by a constant, as the scan of a version is.
  engine.query("SELECT " + join(calls, ", ") + " FROM " + relation + " GROUP BY 0::UTINYINT");
  for (const auto& each : shared) {
    each->seen.reset();
    all.push_back(std::exchange(each->found, std::nullopt));
    if (all.back()) sort_once(*all.back());
  }
}

}  // namespace

KeyHashes find_repeated_keys(Engine& engine, const std::string& relation,
                             const std::vector<Column>& key, std::int64_t memory,
                             std::optional<std::int64_t> rows) {
  if (!rows) rows = engine.query("SELECT count(*) FROM " + relation).integer(0, 0);
  const std::int64_t parts = 1 + *rows * KeySet::kBytesPerRow / std::max<std::int64_t>(memory, 1);
  KeyHashes all;
  for (std::int64_t part = 0; part < parts; ++part) {
    const auto found = std::make_shared<KeyHashes>();
    const std::string call = RowHashAggregate<RepeatedState>::add(
        engine, new_name(engine, "tm_repeated_"), key,
        RepeatedState(found, key, static_cast<std::uint64_t>(part),
                      static_cast<std::uint64_t>(parts)));
    engine.query("SELECT " + call + " FROM " + relation);
    all.insert(all.end(), found->begin(), found->end());
  }
  sort_once(all);
  return all;
}

std::vector<std::optional<KeyHashes>> find_likely_repeated(Engine& engine,
                                                           const std::string& relation,
                                                           std::int64_t rows, std::int64_t memory,
                                                           const std::vector<KeySearch>& searches) {
  const std::int64_t bytes = std::min(rows * LikelyState::kBytesPerRow, memory);
  const auto at_once = static_cast<std::size_t>(
      std::max<std::int64_t>(memory / std::max<std::int64_t>(bytes, 1), 1));
  std::vector<std::optional<KeyHashes>> all;
  while (all.size() < searches.size()) {
    const std::size_t end = std::min(searches.size(), all.size() + at_once);
    search_once(engine, relation, rows, bytes,
                std::span(searches).subspan(all.size(), end - all.size()), all);
  }
  return all;
}

std::string is_among_sql(Engine& engine, const std::vector<Column>& key,
                         std::shared_ptr<const KeyHashes> hashes) {
  const std::string function = new_name(engine, "tm_among_");
  std::vector<Type> types;
  std::vector<std::string> arguments;
  for (const Column& column : key) {
    types.push_back(column.type);
    arguments.push_back(quote_identifier(column.name));
  }
  constexpr std::int64_t kFilterBytes = 1 << 20;
  // Nearly every key that is asked about is not one of them: the filter says so.
  const auto filter =
      std::make_shared<KeyFilter>(static_cast<std::int64_t>(hashes->size()), kFilterBytes);
  for (const std::uint64_t hash : *hashes) filter->add(hash);
  engine.add_function({.name = function,
                       .parameters = types,
                       .result = {{.name = "value", .type = Type::boolean()}},
                       .evaluate = [hasher = KeyHasher(key), filter, hashes = std::move(hashes)](
                                       std::span<const ColumnView> columns, std::size_t rows,
                                       ColumnWriter& result) {
                         std::vector<std::uint64_t> keys(rows);
                         hasher.hash(columns, rows, keys.data());
                         bool* among = result.as<bool>();
                         for (std::size_t row = 0; row < rows; ++row)
                           among[row] =
                               filter->has(keys[row]) &&
                               std::binary_search(hashes->begin(), hashes->end(), keys[row]);
                       }});
  return function + "(" + join(arguments, ", ") + ")";
}

}  // namespace tallymill
