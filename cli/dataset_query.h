#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "core/json.h"
#include "core/task.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Which rows of a dataset a person wants to see.
struct RowQuery {
  std::string dataset;
  std::vector<std::string> columns;  ///< empty: all
  std::string where;                 ///< an SQL condition over the columns; empty: none
  std::int64_t limit = 0;            ///< 0: all
  bool reveal = false;               ///< show sensitive columns
  std::string limit_per = {};        ///< `limit` counts for each value of this column; empty: once
};

/// --where, --limit, --reveal (with --reason), --csv and --json, for commands that print rows.
std::vector<Flag> row_flags();
/// What the flags of row_flags() ask for; people get a screenful unless they say more.
RowQuery row_query(const Invocation& invocation, std::string dataset);

/// Rows in key order; every cell as text, an empty optional is null.
struct RowAnswer {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::int64_t total = 0;  ///< rows that meet `where`, shown or not
};

/// The visible version of `dataset` for `period`; an empty period means the newest one that has a
/// version. Throws Error(config) naming the nearest dataset, or the periods there are.
VersionRecord visible_version(StoreView& store, const std::string& dataset,
                              const std::string& period);
/// The same of a partitioned dataset: the visible versions of all its partitions, or of one.
std::vector<VersionRecord> visible_versions(StoreView& store, const std::string& dataset,
                                            const std::string& period,
                                            const std::string& partition);

/// Makes `versions` the inputs `dataset` of a query.
void pin_versions(const Workspace& workspace, const std::vector<VersionRecord>& versions,
                  const std::string& dataset, Task& task);

/// Rows that stand in `folder` as a version of a query, published or not.
InputVersion version_in(const std::filesystem::path& folder, const std::string& period);

/// A mapping as a task carries it, for options that nobody wrote into a file.
json::value task_subtree(const json::object& mapping);
/// Connector `name` of a query: the folder that `file` is in.
void add_file_connector(const std::filesystem::path& file, const std::string& name, Task& task);

/// Reads the rows in a worker; the control process never opens a dataset itself.
/// Rows of several versions say of which partition they are.
RowAnswer read_rows(const Workspace& workspace, const std::vector<VersionRecord>& versions,
                    const RowQuery& query);
/// The same over a folder of evidence that was not published (of a failed attempt).
RowAnswer read_rows(const Workspace& workspace, const std::filesystem::path& folder,
                    const std::string& period, const RowQuery& query);

/// The rows of a query's answer: {"columns", "rows", "total"}.
RowAnswer row_answer(const json::object& answer);

/// Opens the store for reading; throws Error(config) if the workspace has not run anything yet.
StoreView open_store(const Workspace& workspace);
/// A job of a run; throws Error(config) with the nearest name if the run has no such job.
JobRunRecord find_job_run(StoreView& store, const RunRecord& run, const std::string& job);

/// As an aligned table with a closing line "3 of 12 rows", RFC 4180 CSV, or JSON.
void print_table(const RowAnswer& answer, std::ostream& out);
void print_csv(const RowAnswer& answer, std::ostream& out);
void print_json(const RowAnswer& answer, std::ostream& out);
/// By the command's --csv and --json flags.
void print_rows(const RowAnswer& answer, const Invocation& invocation);

}  // namespace tallymill
