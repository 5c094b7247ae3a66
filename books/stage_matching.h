#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "books/cascade.h"
#include "books/matching.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// One side of a cascade; everything but `name` and `relations` is SQL over a row.
struct StageSide {
  std::string name;
  std::vector<std::string> relations;
  std::vector<std::string> key;      ///< in the order of StagePlan::key
  std::vector<std::string> id = {};  ///< what tells rows of one key apart
  std::string amount;
  std::string day = {};                  ///< a date; empty: none
  std::string text = {};                 ///< for fuzzy stages; empty: none
  std::vector<std::string> values = {};  ///< in the order of StagePlan::values
};

struct StagePlan {
  std::vector<Column> key;  ///< rows only match within it
  StageSide left;
  StageSide right;
  Type amount;
  std::vector<std::string> values = {};  ///< names of columns that stages compare
  std::vector<CascadeStage> stages = {};
  MissingKey missing_key = MissingKey::match;
  std::optional<std::size_t> currency = {};  ///< as of MatchPlan
  std::map<std::string, int> minor_units = {};
  std::string id_prefix = {};
  std::string day_name = "date";
  std::string text_name = "text";
  std::int64_t key_memory = 256 << 20;  ///< as of MatchPlan
  std::int64_t join_memory = 0;

  bool has_days() const { return !left.day.empty() && !right.day.empty(); }
};

/// What a stage matched, or what was left over. Amounts are units.
struct StageLine {
  std::string name;
  std::string currency = {};  ///< empty: none is declared
  std::int64_t groups = 0;
  std::int64_t left_rows = 0;
  std::int64_t right_rows = 0;
  Int128 left_amount = 0;
  Int128 right_amount = 0;
  std::int64_t ambiguous = 0;  ///< groups with other ways that were as good
  bool is_break = false;
};

/// Matches rows of two sides by a cascade of stages. A first stage of kind exact is a join of the
/// whole sides; what it leaves, in practice a few per cent, goes block by block through
/// run_cascade(). Rows are numbered by key, side, id and content, so their order in the sides does
/// not matter.
class StageMatching {
 public:
  StageMatching(Engine& engine, StagePlan plan);
  ~StageMatching();

  /// Throws Error(data) with examples where a row's currency is not sound.
  void require_sound_currencies() const;
  /// The stages in their order, then left_only, right_only and search_cut_off; with currencies so
  /// of each, by their names.
  std::vector<StageLine> lines();
  /// Select of break_id, key, left_amount, right_amount, difference, class, tolerance, left_rows,
  /// right_rows, row, nearest_candidate, failed_predicate, distance: a row that nothing matched.
  std::string breaks();
  /// Select of match_group_id, stage, cardinality, side, key, row, amount, drift, tolerance,
  /// ambiguous: a row of each group but those of a first exact stage.
  std::string matches();
  /// Rows, amounts and missing keys of a side, counted apart from all that; one of each currency.
  std::vector<MatchSideTotals> totals(bool of_left) const;

 private:
  std::string rows_of(bool left) const;
  KeyedRows keyed_rows(bool left) const;
  std::vector<StageLine>& lines_of(const std::string& currency);
  void match_exactly();
  std::string rest_of(bool left) const;
  void number_rest();
  void place();
  void run();

  Engine& engine_;
  StagePlan plan_;
  std::string wide_;
  std::size_t first_ = 0;  ///< stages before were done by joining
  std::unique_ptr<Matching> exact_;
  std::string exact_open_;
  std::vector<std::string> exact_key_;
  std::map<std::string, std::vector<StageLine>> lines_;  ///< by currency
  std::string done_;                                     ///< table; empty: not run yet
};

}  // namespace tallymill::books
