#pragma once

#include <vector>

#include "core/diagnostics.h"
#include "core/time/date_language.h"
#include "core/time/period.h"
#include "scheduler/graph.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What the date language may refer to in a run of `graph` for `period`. Throws Error(config) if
/// the schedule asks its calendar for a year without data and `with_due` wants to know.
DateScope date_scope(const Graph& graph, const Period& period,
                     const std::map<std::string, TaskParam>& params, bool with_due);

/// What the worker is told of dates for a run of the job's graph for `period`: only what the job's
/// texts ask for.
TaskTime task_time(const Workspace& workspace, const JobNode& job, const std::string& period);
/// The files of calendar `name`, relative to the workspace.
std::vector<std::string> calendar_files(const Workspace& workspace, const std::string& name);

/// The periods of a dataset made per `kind` that `use` reads in a run for `run`, in order: the
/// chosen one, or so many up to it; of a coarser choice all periods of the dataset within it (the
/// days of a month), of a finer one the period that holds its last day. Throws Error(config) if the
/// expression cannot be evaluated for this run.
std::vector<Period> chosen_periods(const DatasetUse& use, const Period& run, PeriodKind kind,
                                   const DateScope& scope);

/// Whether `use` reads what this very run makes, perhaps beside other periods: then the job comes
/// after the maker.
bool reads_own_period(const DatasetUse& use);

/// Reports an expression that cannot be read, or is no period, at its place.
void check_period_choice(const Graph& graph, const DatasetUse& use, Diagnostics& diagnostics);

}  // namespace tallymill
