#include "datasets/repeated_keys.h"

#include <algorithm>

#include "core/text.h"
#include "datasets/key_set.h"
#include "datasets/row_bytes.h"
#include "datasets/row_hash_aggregate.h"

namespace tallymill {
namespace {

/// A set of key hashes that leaves those that come twice where the caller looks.
class RepeatedState {
 public:
  RepeatedState(std::shared_ptr<KeyHashes> found, std::uint64_t part, std::uint64_t parts)
      : found_(std::move(found)), hashes_(part, parts) {}

  void add(const Hash128& row) { hashes_.add(row); }
  void merge(RepeatedState&& other) { hashes_.merge(std::move(other.hashes_)); }
  /// Called once, on the merge of all.
  std::string text() const {
    *found_ = hashes_.repeated();
    return std::to_string(found_->size());
  }

 private:
  std::shared_ptr<KeyHashes> found_;
  KeySet hashes_;
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
  const std::int64_t parts = 1 + rows * KeySet::kBytesPerRow / std::max<std::int64_t>(memory, 1);
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
  all.erase(std::unique(all.begin(), all.end()), all.end());
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
