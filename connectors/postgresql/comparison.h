#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/postgresql/session.h"
#include "connectors/table_comparison.h"

namespace tallymill {

/// A table of PostgreSQL (11 or later) whose server computes the hashes: only sums, hashes and
/// differing rows travel. One read-only snapshot for all calls.
class PostgresqlComparison final : public ComparedTable {
 public:
  PostgresqlComparison(const std::string& connect, CompareRequest request);

  std::vector<SegmentSum> segments(int bits) override;
  void hashes(int bits, std::span<const std::int64_t> segments, const TakeHashes& take) override;
  void rows(std::span<const std::string> keys, const TakeRow& take) override;

 private:
  void require_columns();
  void prepare_condition();
  std::string value(const ComparedColumn& column) const;
  std::string hashed_rows(const std::string& condition) const;
  std::vector<std::string> with(std::string more) const;
  std::string next_parameter() const;

  CompareRequest request_;
  std::string table_;
  std::string condition_;                     ///< " WHERE (...)" or empty
  std::map<std::string, std::string> types_;  ///< of the table's columns, as the server names them
  std::vector<std::string> parameters_;       ///< the salt, then those of the condition
  PostgresqlSession session_;
};

}  // namespace tallymill
