#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"
#include "verify/proof.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// The id of a break: of what the job is called and the parts of its key as DuckDB prints them.
std::string break_id(const RecordedJob& job, std::span<const std::optional<std::string>> parts);
/// Whether ids can be made from the key that breaks have: nothing was converted on the way there.
/// `key`: of breaks; `schema`, `names`: of a version that keys come from.
bool has_same_types(std::span<const Column> key, const Schema& schema,
                    std::span<const std::string> names);

/// What the cause of a break follows from.
struct BreakFacts {
  std::string_view class_name;
  std::optional<Int128> left = {};
  std::optional<Int128> right = {};
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  bool has_whole_key = true;
};
/// The first line of the table of causes that holds (docs/jobs/reconcile.md).
std::string cause_of(const BreakFacts& facts);

/// Columns of a published row beside what they should say; collects those that differ.
class ToldFields {
 public:
  ToldFields(const Row& row, std::span<const Column> columns) : row_(row), columns_(columns) {}

  /// As DuckDB prints it; nothing: no value.
  void expect(std::size_t column, const std::optional<std::string>& value);
  void expect(std::size_t column, const std::string& value, bool is_equal);

  bool agree() const { return expected_.empty(); }
  /// ", difference 0.10, cause sign"; empty where all agree.
  const std::string& expected() const { return expected_; }
  const std::string& found() const { return found_; }

 private:
  const Row& row_;
  std::span<const Column> columns_;
  std::string expected_ = {};
  std::string found_ = {};
};

/// Says what rules of the job chose about its breaks, which is theirs to prove.
void leave_out_rules(const RecordedJob& job, Proof& proof);

}  // namespace tallymill::verify
