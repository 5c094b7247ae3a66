#include "cli/catalog.h"
#include "cli/changed_job.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/imagined_job.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultRows = 10;

/// "  rows       5 -> 5"
void print_pair(const json::object& answer, const char* name, std::ostream& out) {
  const json::object& pair = json_at(answer, name).as_object();
  const std::string was = json_text(pair, "was");
  const std::string becomes = json_text(pair, "becomes");
  out << "  " << name << std::string(10 - std::string(name).size(), ' ') << was
      << (was == becomes ? " as before" : " -> " + becomes) << "\n";
}

void print_rows_of(const json::array& rows, const std::string& head, std::ostream& out) {
  if (rows.empty()) return;
  RowAnswer table{.columns = {head, "was", "becomes", "difference"}, .rows = {}};
  for (const json::value& value : rows) {
    auto& cells = table.rows.emplace_back();
    for (const char* name : {"what", "was", "becomes", "difference"}) {
      const json::value& cell = value.as_object().at(name);
      cells.emplace_back(cell.is_null() ? std::optional<std::string>()
                                        : std::string(cell.as_string()));
    }
  }
  table.total = static_cast<std::int64_t>(rows.size());
  out << "\n";
  print_table(table, out);
}

void print(const json::object& answer, const std::vector<std::string>& changes,
           const std::string& head, std::ostream& out) {
  out << json_text(answer, "dataset") << " " << json_text(answer, "period") << " with "
      << join(changes, ", ") << "; nothing is published\n";
  for (const char* name : {"parts", "allocated", "parked"}) print_pair(answer, name, out);
  out << "  changed   " << group_digits(json_integer(answer, "changed")) << " parts\n"
      << "  moved     " << json_text(answer, "moved") << "\n";
  print_rows_of(json_at(answer, "rows").as_array(), head, out);
}

/// The job as it is and as it would be, over the same versions.
Task make_query(Task was, Task becomes, const std::string& dataset, const Invocation& invocation) {
  const std::string period = was.period;
  Task query = query_about({std::move(was), std::move(becomes)},
                           {{"query", "whatif"},
                            {"dataset", dataset},
                            {"by", invocation.text("by")},
                            {"limit", invocation.integer("limit", kDefaultRows)}});
  query.period = period;
  return query;
}

Exit run_whatif(const Invocation& invocation) {
  const UnitCatalog catalog;
  ImaginedJob imagined(invocation, catalog);
  const Workspace& workspace = imagined.workspace();
  const JobNode& job = imagined.job();
  imagined.require_type("allocate", "whatif is about allocate jobs");
  Task was = imagined.task("ask");
  const std::vector<std::string> changes = invocation.texts("set");
  Task becomes = changed_task(workspace, catalog, job.spec, job.shape, was, changes);
  const std::string dataset = job.shape.outputs.front().dataset;
  json::object found;
  try {
    found =
        run_query(workspace, make_query(std::move(was), std::move(becomes), dataset, invocation))
            .answer.as_object();
  } catch (Error& error) {
    error.add_context("asking job '" + job.spec.name + "' twice");
    throw;
  }
  found["dataset"] = dataset;
  found["period"] = imagined.period().text();
  const std::string by = invocation.text("by");
  if (invocation.json())
    invocation.out() << pretty_json(found);
  else
    print(found, changes, by.empty() ? "part" : by, invocation.out());
  return Exit::ok;
}

}  // namespace

void register_whatif(Registry<Command>& commands) {
  commands.add({
      .name = "whatif",
      .summary =
          "Allocates the same pools in another way and compares, without publishing anything.",
      .example =
          "tallymill whatif cost_attribution user_cost --period 2026-01 --set driver=collected",
      .arguments = {{"GRAPH", "The graph."}, {"JOB", "One of its allocate jobs."}},
      .flags = {period_flag(),
                {.name = "set",
                 .value = "OPTION=VALUE",
                 .summary = "Another value of an option of the job, as in YAML; may be repeated.",
                 .required = true,
                 .repeated = true},
                {.name = "by",
                 .value = "COLUMN",
                 .summary = "Sums by this column of the parts, not single parts."},
                {.name = "limit",
                 .value = "N",
                 .summary = "So many of the largest changes, 0 for all; default 10."},
                partition_flag("One partition of the job, e.g. city=beijing."),
                param_flag("A parameter of the graph."),
                json_flag()},
      .run = run_whatif,
  });
}

}  // namespace tallymill
