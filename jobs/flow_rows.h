#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/row_file.h"
#include "datasets/row_sieve.h"
#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// A sieve that keeps little of the task's memory, and the rest of its rows with the attempt's
/// scratch files.
RowSieve make_sieve(JobContext& context, const std::string& name, std::vector<Column> columns);

/// Rows of a cleanse that are kept on the way: all of them, or those that something is asked of by
/// groups. The latter are the rows that may be in a group with others, and those that leave anyway;
/// they are set aside while the rest, nearly all, passes (docs/adr/0049-rows-pass-once.md).
struct FlowRows {
  std::string name;                     ///< of the view of the kept rows
  std::vector<Column> columns;          ///< SQL identifiers with their types
  std::vector<std::string> flags = {};  ///< boolean columns that are never null
  std::string source = {};              ///< FROM clause that gives the rows, and the rest
  std::vector<Column> key = {};         ///< of the groups; empty: all rows are kept
  std::string comparable = {};          ///< SQL: the row may be in a group
  std::string is_marked = {};           ///< SQL: the row leaves
  std::vector<std::string> marks = {};  ///< columns that say why, null of a row that stays
  std::vector<std::string> asked = {};  ///< columns, of each row of alike()
  std::string asked_source = {};        ///< FROM clause over alike() that gives them
  std::string tie_breaker = {};         ///< text of asked_source that only ties need; empty: none
  std::string is_tied = {};             ///< SQL over what was asked without it
  std::shared_ptr<RowSieve> sieve = {};
  std::int64_t source_rows = 0;  ///< that the sieve is to see

  /// View of the kept rows of groups, and of some more: their keys have hashes that come twice.
  std::string alike() const { return name + "_alike"; }
  /// Relation of the kept rows with what was asked of them.
  std::string answered() const;
  /// Relation of the rest; what was asked is null. Whoever reads it, once, sets the kept rows
  /// aside.
  std::string passing() const;
  /// Relation of all rows.
  std::string all() const;

  /// Where all rows are kept: does it.
  void store(Engine& engine) const;
  /// Where some are: finds which ones of the `rows` of the source, and makes passing().
  void seek(JobContext& context, std::int64_t rows);
  /// When passing() was read, or else reads it: asks, so that answered() and all() are there.
  void answer(JobContext& context) const;
  /// Lets go of it.
  void drop(Engine& engine) const;

 private:
  std::string rest() const { return name + "_rest"; }
  std::string rest_once() const { return name + "_once"; }
  RowFile answers(const JobContext& context) const;
};

}  // namespace tallymill
