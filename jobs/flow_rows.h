#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/row_file.h"
#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// Rows of a cleanse that are stored on the way: all of them, or those that something is asked of
/// by groups. The latter are the rows that may be in a group with others, and those that leave
/// anyway; the rest, nearly all, goes on as it comes, neither sorted nor stored
/// (docs/adr/0048-rows-that-are-like-none-stream.md).
struct FlowRows {
  std::string name;                     ///< of the view of the stored rows
  std::vector<std::string> columns;     ///< SQL identifiers
  std::vector<std::string> flags = {};  ///< boolean columns that are never null
  std::string source = {};              ///< FROM clause that gives the rows, and the rest
  std::vector<Column> key = {};         ///< of the groups; empty: all rows are stored
  std::string comparable = {};          ///< SQL: the row may be in a group
  std::string is_marked = {};           ///< SQL: the row leaves
  std::vector<std::string> marks = {};  ///< columns that say why, null of a row that stays
  std::vector<std::string> asked = {};  ///< columns, of each row of alike()
  std::string asked_source = {};        ///< FROM clause over alike() that gives them
  std::string tie_breaker = {};         ///< text of asked_source that only ties need; empty: none
  std::string is_tied = {};             ///< SQL over what was asked without it

  /// View of the stored rows of groups, and of some more: their keys have hashes that come twice.
  std::string alike() const { return name + "_alike"; }
  /// Relation of the stored rows with what was asked of them.
  std::string answered() const;
  /// Relation of all rows; what was asked is null for the rest.
  std::string all() const;

  /// Makes all of it; the source has `rows`.
  void store(JobContext& context, std::int64_t rows) const;
  /// Lets go of it.
  void drop(Engine& engine) const;

 private:
  std::string rest() const { return name + "_rest"; }
  RowFile answers(const JobContext& context) const;
  void answer(JobContext& context) const;
};

}  // namespace tallymill
