#include <algorithm>
#include <array>
#include <filesystem>

#include "cli/break_rows.h"
#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/sensitive_log.h"
#include "cli/sheet_file.h"
#include "core/text.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

/// Enough of an id to name a break by; programs get all of it.
constexpr std::size_t kShownId = 12;

/// What a table for people can do without.
constexpr std::array<std::string_view, 8> kForPrograms{"left_amount", "right_amount", "tolerance",
                                                       "left_rows",   "right_rows",   "opened_in",
                                                       "is_pending",  "closed_in"};

SensitiveShown shown_of(const Evidence& breaks) {
  return {.run = breaks.run.id,
          .dataset = breaks.dataset,
          .period = breaks.run.period,
          .versions = {breaks.version}};
}

void shorten(RowAnswer& answer) {
  for (std::size_t c = answer.columns.size(); c-- > 0;) {
    const bool is_id = answer.columns[c] == "break_id";
    const bool is_left_out = std::find(kForPrograms.begin(), kForPrograms.end(),
                                       answer.columns[c]) != kForPrograms.end();
    for (auto& row : answer.rows) {
      if (is_id && row[c]) row[c] = row[c]->substr(0, kShownId);
      if (is_left_out) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    }
    if (is_left_out) answer.columns.erase(answer.columns.begin() + static_cast<std::ptrdiff_t>(c));
  }
}

Exit export_sheet(const Invocation& invocation, const Workspace& workspace, StoreView& store,
                  const std::string& job, const Evidence& breaks) {
  Task task = break_task(store, job, breaks, "correction_sheet");
  const json::object answer =
      write_sheet_file(invocation, workspace, std::move(task), shown_of(breaks));
  invocation.out() << counted(json_integer(answer, "total"), "break") << " of " << job << " for "
                   << breaks.run.period << " in " << invocation.text("export")
                   << "\nfill in owner, note, pending_until, resolution, leave the columns that "
                      "begin with '_', then: tallymill resolve "
                   << job << " " << invocation.text("export") << " --reason TEXT\n";
  return Exit::ok;
}

RowAnswer count_by(const Invocation& invocation, const Workspace& workspace, StoreView& store,
                   const std::string& job, const Evidence& breaks) {
  const RowQuery query = row_query(invocation, breaks.dataset);
  Task task = break_task(store, job, breaks, "break_counts");
  json::object& question = task.spec.as_object();
  json::array by;
  for (const std::string& column : invocation.texts("by")) by.emplace_back(column);
  question["dataset"] = breaks.dataset;
  question["by"] = std::move(by);
  question["limit"] = query.limit;
  question["reveal"] = query.reveal;
  return row_answer(run_query(workspace, std::move(task)).answer.as_object());
}

Exit run_breaks(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const std::string job = job_run_of(invocation);
  const Evidence breaks = find_open_breaks(workspace, store, job, invocation.text("period"));
  if (invocation.has("export")) return export_sheet(invocation, workspace, store, job, breaks);
  record_reveal(invocation, workspace, shown_of(breaks));
  if (invocation.has("by")) {
    print_rows(count_by(invocation, workspace, store, job, breaks), invocation);
    return Exit::ok;
  }
  RowQuery query = row_query(invocation, breaks.dataset);
  if (invocation.has("open"))
    query.where = "closed_in is null" + (query.where.empty() ? "" : " and (" + query.where + "\n)");
  RowAnswer rows = read_rows(workspace, breaks.folder, breaks.run.period, query);
  if (!invocation.has("csv") && !invocation.json()) shorten(rows);
  print_rows(rows, invocation);
  return Exit::ok;
}

}  // namespace

void register_breaks(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "period", .value = "PERIOD", .summary = "Of this period; default: the newest."},
      {.name = "open", .summary = "Only those that are open."},
      {.name = "by",
       .value = "COLUMN",
       .summary = "Count them by this column, owner for one; several times for several columns.",
       .repeated = true},
      {.name = "export",
       .value = "FILE",
       .summary = "Write them as a sheet, CSV or .xlsx, to say something of them in and give back "
                  "with 'tallymill resolve'."},
      partition_flag("Of this partition; JOB may also be job[value].")};
  for (Flag& flag : row_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "breaks",
      .summary =
          "Prints the breaks a reconcile job carries forward: what is open, since when, whose.",
      .example = "tallymill breaks balances_agree --open",
      .arguments = {{"JOB", "The reconcile job, with 'life:'."}},
      .flags = std::move(flags),
      .run = run_breaks,
  });
}

}  // namespace tallymill
