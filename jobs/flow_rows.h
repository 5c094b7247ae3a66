#pragma once

#include <string>
#include <vector>

#include "datasets/row_table.h"
#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// Rows of a cleanse that are stored on the way and, where they go by groups, what is asked of
/// those rows that are in a group with others. Rows that are like none, nearly all, are neither
/// sorted nor moved for it (docs/adr/0046-only-rows-that-are-alike-are-ranked.md).
struct FlowRows {
  RowTable table;                   ///< gets the rows
  std::string source = {};          ///< FROM clause that gives them
  std::vector<Column> key = {};     ///< of the groups; empty: there are none
  std::string comparable = {};      ///< SQL: the row may be in a group
  std::string answers_select = {};  ///< over alike(): the row's place, and what is asked

  std::string tie_breaker = {};  ///< text of answers_select that only ties need; empty: none
  std::string is_tied = {};      ///< SQL over the answers without it

  /// View of the rows of groups, and of some more: their keys have hashes that come twice.
  std::string alike() const { return table.name + "_alike"; }
  /// Table of the answers.
  std::string answers() const { return table.name + "_answers"; }

  /// Makes all of it.
  void store(JobContext& context) const;
  /// Lets go of it.
  void drop(Engine& engine) const;

 private:
  void answer(Engine& engine) const;
};

}  // namespace tallymill
