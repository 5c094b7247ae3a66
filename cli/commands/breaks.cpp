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
#include "core/break_word.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

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
  // Amounts of two currencies have no difference to show in their place.
  const bool shows_amounts = std::find(answer.columns.begin(), answer.columns.end(),
                                       "right_currency") != answer.columns.end();
  for (std::size_t c = answer.columns.size(); c-- > 0;) {
    const bool is_id = answer.columns[c] == "break_id";
    const bool is_left_out = std::find(kForPrograms.begin(), kForPrograms.end(),
                                       answer.columns[c]) != kForPrograms.end() &&
                             !(shows_amounts && answer.columns[c].ends_with("_amount"));
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
  add_statement(workspace, store, job, breaks, task);
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

/// What the right side is called in YAML.
Options right_side(const Workspace& workspace, const std::string& graph, const std::string& job) {
  const auto found = workspace.graphs.find(graph);
  const std::string base(split_job_name(job).job);
  const JobNode* node = found == workspace.graphs.end() ? nullptr : found->second->find_job(base);
  if (node == nullptr || !node->spec.options.has("right"))
    throw Error(ErrorClass::config, "job '" + job + "' has no right side that could be mended");
  Options right = node->spec.options.object("right");
  if (!right.has("amount") || right.text("aggregate") == "count")
    throw Error(ErrorClass::config,
                "the right side of '" + job + "' is counted; no amount could be mended there");
  if (node->spec.options.text("duplicates") == "pair")
    throw Error(ErrorClass::config,
                "rows of the right side of '" + job +
                    "' may be equal in key and amount ('duplicates: pair'), so no statement finds "
                    "the one to change");
  if (right.text("factor").starts_with("param("))
    throw Error(ErrorClass::config,
                "the factor of the right side of '" + job +
                    "' is a parameter, which may have been another when the breaks were found; "
                    "write the number");
  return right;
}

/// Adds the newest version of a dataset as an input: it tells the types of its columns.
void add_newest_version(const Workspace& workspace, StoreView& store, const std::string& dataset,
                        Task& task) {
  const std::vector<VersionRecord> versions = store.visible_versions(dataset);
  if (versions.empty())
    throw Error(ErrorClass::config, "there is no version of '" + dataset +
                                        "' left that could tell the type of its amount");
  const VersionRecord& newest = versions.back();
  task.inputs[dataset] = {version_in(
      StateFolder(workspace.state).version(dataset, newest.period, newest.partition, newest.id),
      newest.period)};
}

/// What would bring the right side to the left, as a file: nothing is changed here.
Exit write_fix(const Invocation& invocation, const Workspace& workspace, StoreView& store,
               const std::string& job, const Evidence& breaks) {
  const fs::path file = fs::absolute(invocation.text("fix"));
  const bool is_csv = file.extension() == ".csv";
  if (!is_csv && file.extension() != ".sql")
    throw Error(ErrorClass::config,
                "--fix writes a .sql or a .csv file, got '" + invocation.text("fix") + "'");
  if (!is_csv && !invocation.has("table"))
    throw Error(ErrorClass::config, "statements need the table they change: --table NAME");
  const Options right = right_side(workspace, breaks.run.graph, job);
  Task task = break_task(store, job, breaks, "break_fix");
  json::object& question = task.spec.as_object();
  json::array key;
  for (const std::string& column : right.columns("key")) key.emplace_back(column);
  if (right.has("currency")) key.emplace_back(right.text("currency"));
  const std::string dataset =
      right.has("dataset") ? right.text("dataset") : right.texts("datasets").front();
  add_newest_version(workspace, store, dataset, task);
  question["dataset"] = dataset;
  question["factor"] = right.text("factor", "1");
  question["negates"] = right.boolean("negate");
  question["key"] = std::move(key);
  question["amount"] = right.text("amount");
  question["table"] = invocation.text("table");
  question["format"] = is_csv ? "csv" : "sql";
  question["reveal"] = invocation.has("reveal");
  const json::object answer = run_query(workspace, std::move(task)).answer.as_object();
  record_reveal(invocation, workspace, shown_of(breaks));
  write_file_durably(file, json_text(answer, "text"), 0600);
  invocation.out() << counted(json_integer(answer, "changes"), "change") << " in "
                   << invocation.text("fix");
  if (const std::string left_out = json_text(answer, "left_out"); !left_out.empty())
    invocation.out() << "; left out: " << left_out;
  invocation.out() << "\n";
  return Exit::ok;
}

/// Those a job carries forward, or else those it found last.
Evidence find_breaks(const Invocation& invocation, const Workspace& workspace, StoreView& store,
                     const std::string& job) {
  const std::string carried = open_breaks_dataset(std::string(split_job_name(job).job));
  const bool needs_life =
      invocation.has("open") || invocation.has("export") || invocation.has("period");
  return needs_life || workspace.datasets.contains(carried)
             ? find_open_breaks(workspace, store, job, invocation.text("period"))
             : find_evidence(store, StateFolder(workspace.state), job, {"breaks"}, "");
}

Exit run_breaks(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  StoreView store = open_store(workspace);
  const std::string job = job_run_of(invocation);
  const Evidence breaks = find_breaks(invocation, workspace, store, job);
  if (invocation.has("fix")) return write_fix(invocation, workspace, store, job, breaks);
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
      {.name = "fix",
       .value = "FILE",
       .summary = "Write what would bring the right side to the left, as .sql or .csv."},
      {.name = "table", .value = "NAME", .summary = "With --fix: the table of the right side."},
      partition_flag("Of this partition; JOB may also be job[value].")};
  for (Flag& flag : row_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "breaks",
      .summary =
          "Prints the breaks of a reconcile job: with 'life:' what is open, since when, whose.",
      .example = "tallymill breaks balances_agree --open",
      .arguments = {{"JOB", "The reconcile job."}},
      .flags = std::move(flags),
      .run = run_breaks,
  });
}

}  // namespace tallymill
