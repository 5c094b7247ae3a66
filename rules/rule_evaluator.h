#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/row_loop.h"
#include "rules/watchdog.h"

namespace tallymill {

/// What one rule said about one row, or why it could not. Texts live until the next chunk.
struct Finding {
  std::uint32_t row = 0;
  std::uint32_t rule = 0;
  Verdict::State state = Verdict::State::fail;
  std::string_view code;
  std::string_view message;
};

/// A column that rules of a value kind gave. Texts point into Lua and live until the next chunk.
struct OutputColumn {
  std::vector<std::uint8_t> is_null;
  std::vector<std::int64_t> numbers;  ///< every type but text; booleans 0 and 1
  std::vector<std::string_view> texts;
};

struct ChunkResult {
  std::vector<Finding> findings;  ///< by row, then by rule
  std::deque<std::string> owned;  ///< texts of findings that are not Lua's
  std::vector<OutputColumn> outputs;
};

/// Evaluates a plan over chunks in one Lua state of its own. Used by one thread at a time.
class RuleEvaluator {
 public:
  /// `sources`: the rule files of the plan, already known to be sound. `watchdog` may be null.
  RuleEvaluator(std::shared_ptr<const RulePlan> plan, LuaMode mode, Watchdog* watchdog);
  ~RuleEvaluator();
  RuleEvaluator(const RuleEvaluator&) = delete;
  RuleEvaluator& operator=(const RuleEvaluator&) = delete;

  LuaMode mode() const { return state_.mode(); }
  /// Up to kChunkRows rows. The result is valid until the next call. Throws Error(config) when a
  /// rule does not end (traced states) or keeps running out of memory.
  const ChunkResult& evaluate(std::span<const ColumnView> columns, std::size_t rows);

  /// Where a traced evaluator keeps the line seen last.
  const std::atomic<int>& last_line() const { return state_.last_line(); }

 private:
  void replay(std::atomic<const std::atomic<int>*>& line) const;
  void load_rules();
  void run_batch(RowLoop& loop);
  bool run(int function, int first, int second);
  void add_texts(const RowLoop& loop);
  void record_failure(const RowLoop& loop);
  std::string without_sensitive(const RowLoop& loop, std::string message);
  void read_findings(const RowLoop& loop);
  void read_outputs(const RowLoop& loop);
  void read_output(int reference, std::size_t index);
  std::string_view own(std::string text);
  std::string_view shown(std::string_view text);
  void add_error(std::size_t row, std::size_t rule, std::string message);
  void refuse_texts(std::size_t rule);
  void add_skipped();
  std::string missing_value(std::size_t rule, std::size_t row) const;
  void clear_outputs();

  std::shared_ptr<const RulePlan> plan_;
  Watchdog* watchdog_;
  std::shared_ptr<WatchSlot> slot_;
  LuaState state_;
  ChunkFeed feed_;
  std::vector<std::unique_ptr<RowLoop>> loops_;
  ChunkResult result_;
  std::vector<std::size_t> first_outputs_;  ///< by rule: where its outputs begin
  ChunkContext idle_;                       ///< what the watchdog looks at between batches
  int memory_errors_ = 0;
  std::span<const ColumnView> columns_;  ///< of the chunk at hand
};

}  // namespace tallymill
