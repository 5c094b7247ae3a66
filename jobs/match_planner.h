#pragma once

#include <functional>
#include <string>
#include <vector>

#include "books/matching.h"
#include "jobs/job.h"

namespace tallymill {

/// `left:` or `right:` of a reconcile job.
struct SideOptions {
  Options options;

  std::vector<std::string> datasets() const;
  SourcePosition where() const;  ///< of the datasets' names
};

/// The rows of one dataset of a side, those its `where:` is true for.
std::string side_relation(JobContext& context, const SideOptions& side, const std::string& dataset);
/// Several relations as one, columns by name.
std::string united(const std::vector<std::string>& relations);
/// What break ids of a job are about: graph, job and partition.
std::string id_prefix_of(JobContext& context, const std::string& job);

/// The columns that breaks of every kind begin with: id, key, amounts, class, tolerance, rows.
/// `on_repeated` hears of each of the names that the key has, too.
Schema begin_breaks(const std::vector<Column>& key, const Type& amount,
                    const std::function<void(const std::string& name)>& on_repeated);

/// A comparison as YAML declares it, bound to the datasets at hand.
struct PlannedMatch {
  books::MatchPlan books;
  Schema breaks;  ///< of `<job>.breaks`, without their cause
};

/// Checks the options of reconcile job `job` against the schemas. Reports everything that does not
/// fit; the plan is not to be used then.
PlannedMatch plan_match(JobContext& context, const Options& options, const std::string& job);

}  // namespace tallymill
