#include "datasets/repeated_keys.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "datasets/row_bytes.h"
#include "datasets/row_hash_aggregate.h"

namespace tallymill {
namespace {

/// What a row takes while hashes are collected: vectors grow by half at a time.
constexpr std::int64_t kBytesPerRow = 16;
constexpr int kShift = 56;

/// Collects hashes by their highest bits: a bucket of ten million rows' hashes fits a processor's
/// second-level cache, where sorting it is fast.
class RepeatedState {
 public:
  RepeatedState(std::shared_ptr<KeyHashes> found, std::uint64_t part, std::uint64_t parts)
      : found_(std::move(found)), part_(part), parts_(parts) {}

  void add(const Hash128& row) {
    if (parts_ > 1 && row.high % parts_ != part_) return;
    std::vector<std::uint64_t>& bucket = buckets_[row.low >> kShift];
    if (bucket.size() == bucket.capacity()) bucket.reserve(bucket.size() + bucket.size() / 2 + 64);
    bucket.push_back(row.low);
  }
  void merge(RepeatedState&& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      buckets_[i].insert(buckets_[i].end(), other.buckets_[i].begin(), other.buckets_[i].end());
      std::vector<std::uint64_t>().swap(other.buckets_[i]);
    }
  }
  /// Called once, on the merge of all: leaves the repeated ones where the caller looks.
  std::string text() const {
    for (std::vector<std::uint64_t> bucket : buckets_) {
      std::sort(bucket.begin(), bucket.end());
      for (std::size_t i = 1; i < bucket.size(); ++i)
        if (bucket[i] == bucket[i - 1] && (found_->empty() || found_->back() != bucket[i]))
          found_->push_back(bucket[i]);
    }
    return std::to_string(found_->size());
  }

 private:
  std::shared_ptr<KeyHashes> found_;
  std::uint64_t part_;
  std::uint64_t parts_;
  std::array<std::vector<std::uint64_t>, 256> buckets_;
};

/// Nearly every key that is asked about is not in the set: one bit of 128 KB says so.
class HashFilter {
 public:
  explicit HashFilter(std::shared_ptr<const KeyHashes> hashes)
      : hashes_(std::move(hashes)), bits_(std::size_t{1} << kBits) {
    for (const std::uint64_t hash : *hashes_) bits_[hash >> (64 - kBits)] = true;
  }
  bool has(std::uint64_t hash) const {
    return bits_[hash >> (64 - kBits)] &&
           std::binary_search(hashes_->begin(), hashes_->end(), hash);
  }

 private:
  static constexpr int kBits = 20;
  std::shared_ptr<const KeyHashes> hashes_;
  std::vector<bool> bits_;
};

}  // namespace

KeyHashes find_repeated_keys(Engine& engine, const std::string& relation,
                             const std::vector<Column>& key, std::int64_t memory) {
  const std::int64_t rows = engine.query("SELECT count(*) FROM " + relation).integer(0, 0);
  const std::int64_t parts = 1 + rows * kBytesPerRow / std::max<std::int64_t>(memory, 1);
  KeyHashes all;
  for (std::int64_t part = 0; part < parts; ++part) {
    const auto found = std::make_shared<KeyHashes>();
    const std::string call = RowHashAggregate<RepeatedState>::add(
        engine, "tm_repeated_" + std::to_string(engine.next_name()), key,
        RepeatedState(found, static_cast<std::uint64_t>(part), static_cast<std::uint64_t>(parts)));
    engine.query("SELECT " + call + " FROM " + relation);
    all.insert(all.end(), found->begin(), found->end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string is_among_sql(Engine& engine, const std::vector<Column>& key,
                         std::shared_ptr<const KeyHashes> hashes) {
  const std::string function = "tm_among_" + std::to_string(engine.next_name());
  std::vector<ColumnEncoding> encodings;
  std::vector<Type> types;
  std::vector<std::string> arguments;
  for (const Column& column : key) {
    encodings.push_back(encoding_of(column.type));
    types.push_back(column.type);
    arguments.push_back(quote_identifier(column.name));
  }
  const auto filter = std::make_shared<const HashFilter>(std::move(hashes));
  engine.add_function({.name = function,
                       .parameters = types,
                       .result = {{.name = "value", .type = Type::boolean()}},
                       .evaluate = [encodings, filter](std::span<const ColumnView> columns,
                                                       std::size_t rows, ColumnWriter& result) {
                         RowBytes bytes;
                         for (std::size_t row = 0; row < rows; ++row) {
                           bytes.clear();
                           for (std::size_t i = 0; i < columns.size(); ++i)
                             bytes.append(encodings[i], columns[i], row);
                           result.as<bool>()[row] = filter->has(xxh3_128(bytes.view()).low);
                         }
                       }});
  return function + "(" + join(arguments, ", ") + ")";
}

}  // namespace tallymill
