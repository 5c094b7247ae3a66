#include "verify/content.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "verify/published_rows.h"

namespace tallymill::verify {
namespace {

namespace fs = std::filesystem;

const std::string kFiles = "the files are those of the manifest, byte for byte";
const std::string kManifest = "the manifest is what is on record";
const std::string kRows = "rows, digest and sums of the rows are those on record";
const std::string kKey = "the key is unique and never missing";

/// Number of rows and sum of their hashes modulo 2^128.
class Digest {
 public:
  void add(const Hash128& hash) {
    ++rows_;
    sum_ += static_cast<UInt128>(hash.high) << 64 | hash.low;
  }
  std::string text() const {
    return "v1:" + std::to_string(rows_) + ":" +
           Hash128{.low = static_cast<std::uint64_t>(sum_),
                   .high = static_cast<std::uint64_t>(sum_ >> 64)}
               .hex();
  }

 private:
  std::int64_t rows_ = 0;
  UInt128 sum_ = 0;
};

class ContentCheck {
 public:
  ContentCheck(Engine& engine, const RecordedVersion& version, Proof& proof)
      : engine_(engine), version_(version), proof_(proof) {}

  Content check();

 private:
  void fail(const std::string& identity, std::string expected, std::string found,
            const std::string& file = {}) {
    proof_.fails({.dataset = version_.dataset,
                  .file = file,
                  .line = {},
                  .identity = identity,
                  .expected = std::move(expected),
                  .found = std::move(found)});
  }
  void compare(const std::string& identity, const std::string& what, const std::string& expected,
               const std::string& found) {
    if (expected != found) fail(identity, what + " " + expected, what + " " + found);
  }
  void check_files(const json::object& manifest);
  void check_file(const json::object& file);
  void check_manifest(const json::object& manifest);
  Content check_rows(const Schema& schema);
  void add(const Row& row);
  void check_key(std::vector<UInt128> keys, const std::vector<std::string>& names);

  Engine& engine_;
  const RecordedVersion& version_;
  Proof& proof_;

  std::size_t business_ = 0;  ///< columns; provenance stands behind them
  std::vector<std::size_t> key_;
  std::vector<std::size_t> summed_;
  std::vector<Int128> sums_;
  std::vector<UInt128> keys_;
  Digest digest_;
  std::int64_t rows_ = 0;
  std::string bytes_;
};

void ContentCheck::check_file(const json::object& file) {
  const std::string name = json_text(file, "name");
  const fs::path path = version_.folder / name;
  std::error_code problem;
  const auto bytes = fs::file_size(path, problem);
  if (problem)
    return fail(kFiles, std::to_string(json_integer(file, "bytes")) + " bytes", "no such file",
                name);
  if (static_cast<std::int64_t>(bytes) != json_integer(file, "bytes"))
    return fail(kFiles, std::to_string(json_integer(file, "bytes")) + " bytes",
                std::to_string(bytes) + " bytes", name);
  const std::string hash = xxh3_128_file(path).hex();
  if (hash != json_text(file, "xxh3"))
    fail(kFiles, "xxh3 " + json_text(file, "xxh3"), "xxh3 " + hash, name);
}

void ContentCheck::check_files(const json::object& manifest) {
  std::vector<std::string> names{"manifest.json"};
  for (const json::value& file : manifest.at("files").as_array()) {
    check_file(file.as_object());
    names.push_back(json_text(file.as_object(), "name"));
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(version_.folder)) {
    const std::string name = entry.path().filename().string();
    if (std::find(names.begin(), names.end(), name) == names.end())
      fail(kFiles, "no other file", name, name);
  }
  proof_.looked_at(kFiles, static_cast<std::int64_t>(names.size()) - 1);
}

/// The manifest tells of itself; the store told of it when it was published.
void ContentCheck::check_manifest(const json::object& manifest) {
  proof_.looked_at(kManifest, 1);
  compare(kManifest, "dataset", version_.dataset, json_text(manifest, "dataset"));
  compare(kManifest, "digest", version_.digest, json_text(manifest, "digest"));
  if (!version_.is_made) return;
  compare(kManifest, "rows", std::to_string(version_.rows),
          std::to_string(json_integer(manifest, "rows")));
  const json::object& amounts = manifest.at("amounts").as_object();
  for (const auto& [column, amount] : version_.amounts) {
    const json::value* told = amounts.if_contains(column);
    compare(kManifest, "sum of " + column, amount,
            told != nullptr && told->is_string() ? std::string(told->as_string()) : "(none)");
  }
}

void ContentCheck::add(const Row& row) {
  ++rows_;
  bytes_.clear();
  for (std::size_t i = 0; i < business_; ++i) row.encode(i, bytes_);
  digest_.add(xxh3_128(bytes_));
  for (std::size_t i = 0; i < summed_.size(); ++i)
    if (!row.is_null(summed_[i])) sums_[i] += row.units(summed_[i]);
  if (key_.empty()) return;
  for (const std::size_t column : key_) {
    if (!row.is_null(column)) continue;
    proof_.fails({.dataset = version_.dataset,
                  .file = std::string(row.file()),
                  .line = row.line(),
                  .identity = kKey,
                  .expected = "a value in every column of the key",
                  .found = "none in column " + std::to_string(column + 1)});
  }
  const Hash128 hash = hash_of(row, key_, bytes_);
  keys_.push_back(static_cast<UInt128>(hash.high) << 64 | hash.low);
}

/// Names the rows: a second look, only where there is something to find.
void ContentCheck::check_key(std::vector<UInt128> keys, const std::vector<std::string>& names) {
  proof_.looked_at(kKey, static_cast<std::int64_t>(keys.size()));
  std::sort(keys.begin(), keys.end());
  std::vector<UInt128> repeated;
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (keys[i] == keys[i - 1] && (repeated.empty() || repeated.back() != keys[i]))
      repeated.push_back(keys[i]);
  if (repeated.empty()) return;
  const std::vector<Column> columns =
      columns_named(row_shape(version_.folder).schema, names, version_.dataset);
  const std::vector<std::size_t> all = places(0, columns.size());
  read_rows(engine_, version_, columns, {}, [&](const Row& row) {
    const Hash128 hash = hash_of(row, all, bytes_);
    if (!std::binary_search(repeated.begin(), repeated.end(),
                            static_cast<UInt128>(hash.high) << 64 | hash.low))
      return;
    proof_.fails({.dataset = version_.dataset,
                  .file = std::string(row.file()),
                  .line = row.line(),
                  .identity = kKey,
                  .expected = "one row of each key",
                  .found = "another one with " + name_of(row, columns, all)});
  });
}

Content ContentCheck::check_rows(const Schema& schema) {
  const std::vector<Column> columns = stored_columns(schema);
  business_ = schema.columns.size();
  for (std::size_t i = 0; i < business_; ++i)
    if (columns[i].type.is_summable()) summed_.push_back(i);
  sums_.resize(summed_.size());
  // Evidence shows rows as they were found, defects and all.
  if (!version_.evidence)
    for (const std::string& name : schema.key)
      for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].name == name) key_.push_back(i);
  read_rows(engine_, version_, columns, {}, [this](const Row& row) { add(row); });
  proof_.looked_at(kRows, rows_);
  compare(kRows, "digest", version_.digest, digest_.text());
  Content content{.rows = rows_, .sums = {}};
  for (std::size_t i = 0; i < summed_.size(); ++i) {
    const Column& column = columns[summed_[i]];
    const int scale = column.type.is_decimal() ? column.type.scale : 0;
    content.sums[column.name] = {sums_[i], scale};
    const auto recorded = version_.amounts.find(column.name);
    if (recorded != version_.amounts.end())
      compare(kRows, "sum of " + column.name, recorded->second, format_decimal(sums_[i], scale));
  }
  if (!key_.empty()) check_key(std::move(keys_), schema.key);
  return content;
}

Content ContentCheck::check() {
  try {
    const json::object manifest = read_manifest(version_.folder);
    check_files(manifest);
    check_manifest(manifest);
    return check_rows(row_shape(version_.folder).schema);
  } catch (const Error& error) {
    fail(kRows, "a version that can be read", error.what());
  } catch (const std::exception& error) {
    // A manifest whose JSON is no longer what a manifest is.
    fail(kManifest, "a manifest", error.what());
  }
  return {};
}

}  // namespace

Content check_content(Engine& engine, const RecordedVersion& version, Proof& proof) {
  return ContentCheck(engine, version, proof).check();
}

Content told_content(const fs::path& folder) {
  const json::object manifest = read_manifest(folder);
  Content content{.rows = json_integer(manifest, "rows"), .sums = {}};
  for (const auto& [column, amount] : json_at(manifest, "amounts").as_object()) {
    const std::string_view text = amount.as_string();
    const std::size_t point = text.find('.');
    const int scale =
        point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
    if (const auto units = parse_decimal(text, 38, scale))
      content.sums[std::string(column)] = {units.value, scale};
  }
  return content;
}

}  // namespace tallymill::verify
