#include "cli/catalog.h"
#include "cli/changed_job.h"
#include "cli/check_preview.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/preview_report.h"
#include "cli/sensitive_log.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/imagined_job.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultSamples = 3;
/// What the query calls the visible version; no dataset of the job can be called so.
constexpr const char* kVisible = "visible version";

/// The job's own task and, beside its inputs, the version to compare with.
Task make_query(const Workspace& workspace, Task task, const std::optional<VersionRecord>& visible,
                const std::string& dataset, std::int64_t samples) {
  const std::string period = task.period;
  Task query = query_about({std::move(task)}, {{"query", "preview"},
                                               {"dataset", dataset},
                                               {"samples", samples},
                                               {"visible", visible ? kVisible : ""}});
  query.period = period;
  if (!visible) return query;
  pin_versions(workspace, {*visible}, kVisible, query);
  query.inputs.at(kVisible).front().dataset = dataset;
  return query;
}

Exit run_preview(const Invocation& invocation) {
  const UnitCatalog catalog;
  ImaginedJob imagined(invocation, catalog);
  const Workspace& workspace = imagined.workspace();
  const JobNode& job = imagined.job();
  if (imagined.job().spec.type == "check") return preview_check(invocation, imagined);
  imagined.require_type("cleanse", "preview shows what cleanse and check jobs would do");
  for (const char* flag : {"file", "failures", "reveal"})
    if (invocation.has(flag))
      throw Error(ErrorClass::config, "--" + std::string(flag) + " goes with a check job; '" +
                                          imagined.job().spec.name + "' is a cleanse");
  Task task = imagined.task("show");
  const std::string& dataset = job.shape.outputs.front().dataset;
  const std::optional<VersionRecord> visible =
      imagined.store().visible(dataset, imagined.period().text(), job.partition);
  Task query = make_query(workspace, std::move(task), visible, dataset,
                          invocation.integer("samples", kDefaultSamples));
  json::object preview{{"graph", invocation.text("GRAPH")},
                       {"job", job.spec.name},
                       {"period", imagined.period().text()},
                       {"dataset", dataset},
                       {"visible", nullptr},
                       {"compared", nullptr}};
  if (visible) preview["visible"] = {{"version", visible->id}, {"run", visible->run}};
  imagined.answer(std::move(query), preview);
  invocation.out() << (invocation.json() ? pretty_json(preview) : preview_text(preview));
  return Exit::ok;
}

}  // namespace

void register_preview(Registry<Command>& commands) {
  std::vector<Flag> flags{
      period_flag(),
      partition_flag("One partition of the job, e.g. city=beijing."),
      param_flag("A parameter of the graph."),
      {.name = "samples",
       .value = "N",
       .summary = "Of a cleanse: cells and rows to show of each kind; default 3."},
      {.name = "file",
       .value = "FILE",
       .summary = "Of a check: judge this file, read as the extract of the dataset reads its own."},
      {.name = "failures",
       .value = "FILE",
       .summary = "Of a check: write every failing row there, CSV or .parquet."}};
  for (Flag& flag : reveal_flags()) flags.push_back(std::move(flag));
  flags.push_back(json_flag());
  commands.add({
      .name = "preview",
      .summary =
          "Shows what a cleanse job would change, step by step, or what a check job would find, "
          "without publishing anything.",
      .example = "tallymill preview customers standard_customers --period 2024-03",
      .arguments = {{"GRAPH", "The graph."}, {"JOB", "One of its cleanse or check jobs."}},
      .flags = std::move(flags),
      .run = run_preview,
  });
}

}  // namespace tallymill
