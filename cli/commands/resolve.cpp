#include <algorithm>
#include <filesystem>

#include "cli/break_rows.h"
#include "cli/common_flags.h"
#include "cli/give_back.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "core/break_word.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

/// The cells that flags give, by name; an empty one takes back what was said.
json::object cells_of(const Invocation& invocation) {
  json::object cells;
  for (const auto& [flag, cell] :
       {std::pair{"owner", kOwner}, std::pair{"note", kNote},
        std::pair{"pending-until", kPendingUntil}, std::pair{"as", kResolution}})
    if (invocation.has(flag)) cells[cell] = invocation.text(flag);
  return cells;
}

void require_sound(const Invocation& invocation, const json::object& cells) {
  const bool has_file = !invocation.text("FILE").empty();
  if (has_file == invocation.has("break"))
    throw Error(
        ErrorClass::config,
        "give either the sheet that 'tallymill breaks JOB --export FILE' wrote, or --break");
  if (has_file && !cells.empty())
    throw Error(ErrorClass::config, "what is said of breaks stands in the sheet, or in flags");
  if (!has_file && cells.empty())
    throw Error(ErrorClass::config,
                "nothing is said of it; give --as, --owner, --note or --pending-until");
  const std::string resolution = invocation.text("as");
  const std::vector<std::string>& known = resolutions();
  if (!resolution.empty() && std::find(known.begin(), known.end(), resolution) == known.end()) {
    const std::string meant = did_you_mean(resolution, known);
    throw Error(ErrorClass::config, "--as '" + resolution + "' is no resolution; " +
                                        (meant.empty() ? "they are " + join(known, ", ") : meant));
  }
  const std::string until = invocation.text("pending-until");
  if (!until.empty() && !parse_date(until))
    throw Error(ErrorClass::config,
                "--pending-until '" + until + "' is no date such as 2026-02-28");
}

void add_flags(const Invocation& invocation, json::object cells, Task& task) {
  json::object& question = task.spec.as_object();
  json::array breaks;
  for (const std::string& begin : invocation.texts("break")) breaks.emplace_back(begin);
  question["file"] = "command line";
  question["breaks"] = std::move(breaks);
  question["cells"] = std::move(cells);
}

Exit run_resolve(const Invocation& invocation) {
  const UnitCatalog catalog;
  Workspace workspace = load_workspace(invocation, catalog);
  const std::string file = invocation.text("FILE");
  json::object cells = cells_of(invocation);
  require_sound(invocation, cells);
  Said said{.command = "resolve", .act = "say", .done = "said"};
  said.job = job_run_of(invocation);
  said.file = file.empty() ? "command line" : std::filesystem::path(file).filename().string();
  said.nothing = "nothing is said: no cell of " + said.file + " differs from what is known";
  {
    StoreView store = open_store(workspace);
    said.evidence = find_open_breaks(workspace, store, said.job, invocation.text("period"));
    Task task = break_task(store, said.job, said.evidence, "correction_import");
    said.seen = json_text(task.spec.as_object(), "version");
    if (file.empty())
      add_flags(invocation, std::move(cells), task);
    else
      add_sheet(file, task);
    said.sheet = run_query(workspace, std::move(task)).answer.as_object();
  }
  said.what = counted(json_integer(said.sheet, "cells"), "word") + " about " +
              counted(json_integer(said.sheet, "rows"), "break") + " of " + said.job + " for " +
              said.evidence.run.period;
  return give_back(invocation, catalog, std::move(workspace), said);
}

}  // namespace

void register_resolve(Registry<Command>& commands) {
  std::vector<Flag> flags{
      {.name = "break",
       .value = "ID",
       .summary = "Of this break: its id, or how it begins; several times for several breaks.",
       .repeated = true},
      {.name = "as",
       .value = "RESOLUTION",
       .summary = "accepted, explained or written_off: it is closed as long as its difference "
                  "stays; open: no rule closes it. Empty takes a word back."},
      {.name = "owner", .value = "NAME", .summary = "Who looks after it."},
      {.name = "note", .value = "TEXT", .summary = "What there is to know of it."},
      {.name = "pending-until",
       .value = "DATE",
       .summary = "It is open, but no finding up to that day."},
      {.name = "period", .value = "PERIOD", .summary = "Of this period; default: the newest."},
      partition_flag("Of this partition; JOB may also be job[value].")};
  for (Flag& flag : give_back_flags()) flags.push_back(std::move(flag));
  commands.add({
      .name = "resolve",
      .summary =
          "Says what becomes of breaks, one by one or by sheet: the job's next run goes by it.",
      .example = "tallymill resolve balances_agree --break d173bb47 --as explained --note 'paid in "
                 "March' --reason 'letter of 3 March'",
      .arguments = {{"JOB", "The reconcile job, with 'life:'."},
                    {"FILE",
                     "The sheet that 'tallymill breaks JOB --export FILE' wrote, CSV or .xlsx.",
                     false}},
      .flags = std::move(flags),
      .run = run_resolve,
  });
}

}  // namespace tallymill
