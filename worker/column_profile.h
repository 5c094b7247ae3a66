#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/json.h"
#include "datasets/type.h"
#include "jobs/job.h"

namespace tallymill {

/// What a profile is made of.
struct ProfileSubject {
  std::string relation;  ///< stands behind FROM
  Schema schema;
  std::int64_t rows = 0;
  bool reveal = false;  ///< show values of sensitive columns

  bool shows(const Column& column) const { return reveal || !column.sensitive; }
};

/// What pairs of columns are judged by.
struct ColumnFacts {
  std::string name;
  std::int64_t nulls = 0;
  std::int64_t distinct = 0;
  std::int64_t most_frequent = 0;  ///< rows that have the most frequent value
};

/// Columns that columns_together() put together, given as places in the schema: their values are
/// grouped once, and everything is asked of the groups of all of them, so that the cost grows with
/// distinct values and not with questions. `facts` and `profiles` have a place for each column of
/// the schema. docs/profile.md says what each entry means. Of a sensitive column no value is shown.
void profile_columns(JobContext& context, const ProfileSubject& subject,
                     const std::vector<std::size_t>& columns, std::vector<ColumnFacts>& facts,
                     json::array& profiles);

/// How often each column goes up and down in the order of its source: a pass for 64 of them.
/// Nothing where rows have no such order.
void add_orders(JobContext& context, const ProfileSubject& subject, json::array& columns);

}  // namespace tallymill
