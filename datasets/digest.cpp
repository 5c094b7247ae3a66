#include "datasets/row_hash_aggregate.h"
#include "datasets/version.h"
#include "datasets/version_scan.h"

namespace tallymill {
namespace {

/// Sum of hashes modulo 2^128.
struct HashSum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add(std::uint64_t more_low, std::uint64_t more_high) {
    low += more_low;
    high += more_high + (low < more_low ? 1 : 0);
  }
};

/// Number of rows, sum of their hashes, and sum of the hashes of rows with their places.
class DigestState {
 public:
  explicit DigestState(bool has_places = false) : has_places_(has_places) {}

  void add(const Hash128& row) {
    ++rows_;
    content_.add(row.low, row.high);
  }
  void add_place(const Hash128& row) { provenance_.add(row.low, row.high); }
  void merge(DigestState&& other) {
    rows_ += other.rows_;
    content_.add(other.content_.low, other.content_.high);
    provenance_.add(other.provenance_.low, other.provenance_.high);
  }
  std::string text() const {
    return shown(content_) + (has_places_ ? kBetween + shown(provenance_) : "");
  }

  static constexpr char kBetween = ' ';

 private:
  std::string shown(const HashSum& sum) const {
    return "v1:" + std::to_string(rows_) + ":" + Hash128{.low = sum.low, .high = sum.high}.hex();
  }

  std::uint64_t rows_ = 0;
  HashSum content_ = {};
  HashSum provenance_ = {};
  bool has_places_;
};

}  // namespace

std::string add_digest_function(Engine& engine, const Schema& schema) {
  return RowHashAggregate<DigestState>::add(
      engine, "tm_digest_" + std::to_string(engine.next_name()), schema.columns,
      DigestState(schema.has_provenance), schema.provenance_columns());
}

VersionDigests version_digests(const std::string& text) {
  const std::size_t between = text.find(DigestState::kBetween);
  if (between == std::string::npos) return {.content = text, .provenance = {}};
  return {.content = text.substr(0, between), .provenance = text.substr(between + 1)};
}

std::string content_digest(Engine& engine, const std::string& relation, const Schema& schema) {
  Schema content = schema;
  content.has_provenance = false;
  return engine.query("select " + add_digest_function(engine, content) + " from " + relation)
      .text(0, 0);
}

}  // namespace tallymill
