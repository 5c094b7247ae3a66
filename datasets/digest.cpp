#include "datasets/row_hash_aggregate.h"
#include "datasets/version.h"
#include "datasets/version_scan.h"

namespace tallymill {
namespace {

/// Number of rows and sum of their hashes modulo 2^128.
class DigestState {
 public:
  void add(const Hash128& row) { add(1, row.low, row.high); }
  void merge(DigestState&& other) { add(other.rows_, other.low_, other.high_); }
  std::string text() const {
    return "v1:" + std::to_string(rows_) + ":" + Hash128{.low = low_, .high = high_}.hex();
  }

 private:
  void add(std::uint64_t rows, std::uint64_t low, std::uint64_t high) {
    rows_ += rows;
    low_ += low;
    high_ += high + (low_ < low ? 1 : 0);
  }

  std::uint64_t rows_ = 0;
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

}  // namespace

std::string add_digest_function(Engine& engine, const Schema& schema) {
  return RowHashAggregate<DigestState>::add(
      engine, "tm_digest_" + std::to_string(engine.next_name()), schema.columns, {});
}

std::string content_digest(Engine& engine, const std::string& relation, const Schema& schema) {
  return engine.query("select " + add_digest_function(engine, schema) + " from " + relation)
      .text(0, 0);
}

}  // namespace tallymill
