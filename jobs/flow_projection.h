#pragma once

#include <string>
#include <vector>

namespace tallymill {

/// One SELECT over the rows t before it: all their columns, some of them written over, and new
/// ones. DuckDB hands every column on from each SELECT to the next, chunk by chunk, so what does
/// not need the result of another goes into the same one.
class FlowProjection {
 public:
  /// Over rows that are joined with m: one new column, and closed, for the names of both are known
  /// there.
  static FlowProjection of_joined(const std::string& name, std::string expression);

  /// Whether a column of that name can be worked out here: the expression reads nothing that is
  /// made here. Told by the text alone, so it may say no of one that could.
  bool can_take(const std::string& name, const std::string& expression) const;
  /// Whether it can also be worked out in front: nothing here reads what that name was before.
  bool lets_pass(const std::string& name, const std::string& expression) const;
  /// `name` is an SQL identifier; `replaces` one of the rows before.
  void take(std::string name, std::string expression, bool replaces);
  /// Joins m to the result; closed from then on.
  void join_with(const std::string& clause) { join_ = " LEFT JOIN " + clause; }
  bool is_closed() const { return of_joined_ || !join_.empty(); }

  std::string columns() const;  ///< behind SELECT
  const std::string& join_clause() const { return join_; }

 private:
  struct Item {
    std::string name;
    std::string expression;
    std::string lower;  ///< the expression in lower case
    bool replaces = false;
  };

  std::vector<Item> items_;
  bool of_joined_ = false;
  std::string join_;
};

}  // namespace tallymill
