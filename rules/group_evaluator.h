#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/rule_evaluator.h"

namespace tallymill {

/// What a group rule said about one row, by the row's place in the sorted relation.
struct GroupFinding {
  std::int64_t row = 0;
  std::string verdicts;  ///< encoded as encode_verdicts() does
};

/// A cell of a row as Lua sees it.
struct GroupCell {
  bool is_null = false;
  double number = 0;  ///< of every type but text
  std::string text;
};

/// Feeds sorted rows to a group rule, group by group, in a Lua state of its own.
class GroupEvaluator {
 public:
  /// `plan` has one rule, of kind group. `watchdog` may be null.
  GroupEvaluator(std::shared_ptr<const RulePlan> plan, LuaMode mode, Watchdog* watchdog);
  ~GroupEvaluator();
  GroupEvaluator(const GroupEvaluator&) = delete;
  GroupEvaluator& operator=(const GroupEvaluator&) = delete;

  /// The next rows: the plan's columns in order. Throws Error(data) where two rows tie.
  void add(std::span<const ColumnView> columns, std::size_t rows);
  /// Ends the last group.
  void finish();
  const std::vector<GroupFinding>& findings() const { return findings_; }

 private:
  void push(const std::vector<GroupCell>& cells);
  void set_params(const std::vector<GroupCell>& cells);
  std::string missing_value(const PlanColumn& column, const std::vector<GroupCell>& cells) const;
  void replay(std::atomic<const std::atomic<int>*>& line) const;
  void end_group();
  void read_findings(std::int64_t first);
  void record_failure();
  void keep(std::int64_t row, Verdict::State state, const std::string& code,
            const std::string& message);

  std::shared_ptr<const RulePlan> plan_;
  Watchdog* watchdog_;
  std::shared_ptr<WatchSlot> slot_;
  LuaState state_;
  ChunkContext context_;
  int set_ = 0, run_ = 0, row_shape_ = 0, rows_ = 0, params_ = 0, lists_ = 0, handler_ = 0;
  std::vector<std::size_t> key_, order_;  ///< columns by index
  std::string group_, last_order_;        ///< key and order of the last row, as bytes
  std::string group_text_;                ///< the key for people: "who 'a'"
  std::int64_t seen_ = 0;                 ///< rows so far
  std::int64_t in_group_ = 0;
  bool is_too_large_ = false;
  std::string missing_;  ///< the parameter of a table that has no value for the group
  std::vector<std::vector<GroupCell>> kept_;  ///< the group's rows, for the watchdog's replay
  std::vector<GroupFinding> findings_;
};

}  // namespace tallymill
