#pragma once

#include <string>

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "cli/left_rows.h"
#include "core/json.h"

namespace tallymill {

/// What a person says of rows of a job, as a worker read it from a sheet.
struct Said {
  std::string command;       ///< "correct"
  std::string act;           ///< "correct"
  std::string done;          ///< "corrected"
  std::string what = {};     ///< "3 cells in 2 rows of clean_users for 2026-01"
  std::string nothing = {};  ///< said where it says nothing
  std::string file = {};     ///< what it came from, for the journal
  std::string job = {};
  std::string seen = {};    ///< version of the rows the person saw
  std::int64_t beside = 0;  ///< event of the newest import by then
  Evidence evidence = {};
  json::object sheet = {};  ///< the answer of query correction_import
};

/// Lets a query read the sheet in `name`, CSV or .xlsx. Throws Error(config) if there is none.
void add_sheet(const std::string& name, Task& task);

/// --reason, --dry-run, --rerun, --wait and --json of commands that take sheets back.
std::vector<Flag> give_back_flags();

/// Puts it on record, or only says so with --dry-run; with --rerun the job and what comes after it
/// is done again.
Exit give_back(const Invocation& invocation, const UnitCatalog& catalog, Workspace workspace,
               const Said& said);

}  // namespace tallymill
