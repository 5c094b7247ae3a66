#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "books/near_miss.h"
#include "books/stage_matching.h"

namespace tallymill::books {

/// What became of a numbered row.
struct PlacedRow {
  std::int64_t row = 0;
  std::int64_t group = 0;  ///< 0: unmatched
  std::int64_t stage = 0;
  std::string cardinality = {};
  Int128 drift = 0;  ///< of the group's sums, left less right
  Int128 allowed = 0;
  std::int64_t alternatives = 0;
  bool was_cut_off = false;
  std::int64_t near_row = 0;  ///< 0: none
  std::string failed = {};
  std::string distance = {};
};

/// Takes numbered rows in their order, side by side within blocks, and runs the cascade over each
/// block as soon as it is complete: memory is that of one block, and of the places.
class StagePlacing {
 public:
  StagePlacing(const StagePlan& plan, std::size_t first_stage);

  /// Columns: block BIGINT, is_left BOOLEAN, amount DECIMAL(38,s), day DATE, text VARCHAR, then
  /// values VARCHAR, and the currency VARCHAR where the plan has one. Block 0 holds rows that must
  /// match nothing.
  std::vector<Type> columns() const;
  void take(std::span<const ColumnView> columns, std::size_t rows);
  void finish() { close_block(); }

  const std::vector<PlacedRow>& placed() const { return placed_; }
  /// By currency, of the stages from `first_stage` on, then left_only, right_only, search_cut_off.
  const std::map<std::string, std::vector<StageLine>, std::less<>>& lines() const { return lines_; }

  /// The columns of a table of placed rows, and its rows.
  static std::vector<Column> table_columns(int scale);
  static std::shared_ptr<TableSource> table(std::vector<PlacedRow> rows);
  std::vector<PlacedRow> release() { return std::move(placed_); }

 private:
  std::int32_t number_of(std::size_t column, std::string_view value);
  void close_block();
  std::vector<StageLine>& lines_of(const std::string& currency);
  void place_groups(const CascadeResult& result);
  void place_rest(const CascadeResult& result);

  const StagePlan& plan_;
  std::span<const CascadeStage> stages_;
  std::map<std::string, std::vector<StageLine>, std::less<>> lines_;
  std::vector<StageLine>* block_lines_ = nullptr;  ///< of the block's currency
  std::string currency_ = {};
  std::vector<PlacedRow> placed_;
  std::int64_t last_row_ = 0;
  std::int64_t last_group_ = 0;
  std::int64_t block_number_ = -1;
  CascadeBlock block_;
  std::vector<std::int64_t> left_rows_, right_rows_;  ///< their numbers
  std::vector<std::unordered_map<std::string, std::int32_t>> numbers_;
};

}  // namespace tallymill::books
