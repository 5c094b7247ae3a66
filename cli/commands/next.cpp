#include "cli/application.h"
#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "cli/schedule_outlook.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/json.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMostFires = 100'000;
constexpr const char* kWeekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::string without_seconds(std::string text) {
  text[10] = ' ';
  if (text.ends_with(":00")) text.resize(text.size() - 3);
  return text;
}

std::string local_text(const Fire& fire, const Zone& zone) {
  return std::string(kWeekdays[fire.local.day().iso_weekday() - 1]) + " " +
         without_seconds(fire.local.text()) + zone.text(fire.at).substr(fire.local.text().size());
}

std::string note(const Fire& fire) {
  if (fire.named == fire.local) return {};
  return "clocks skip " + without_seconds(fire.named.text());
}

std::string as_text(const Graph& graph, const std::vector<Fire>& fires) {
  if (fires.empty()) return "no fire from here on\n";
  TextTable table({{"local time"}, {"UTC"}, {"period"}, {"note"}});
  for (const Fire& fire : fires)
    table.add(
        {local_text(fire, graph.schedule->zone), fire.at.text(), fire.period.text(), note(fire)});
  return table.text();
}

json::value as_json(const Graph& graph, Instant from, const std::vector<Fire>& fires) {
  json::array entries;
  for (const Fire& fire : fires)
    entries.push_back({{"local", graph.schedule->zone.text(fire.at)},
                       {"utc", fire.at.text()},
                       {"named", fire.named.text()},
                       {"period", fire.period.text()}});
  return {{"graph", graph.name},
          {"timezone", graph.schedule->zone.name()},
          {"from", from.text()},
          {"fires", std::move(entries)}};
}

/// An unknown day, with the line that asks for it.
[[noreturn]] void throw_located(const Graph& graph, const Error& problem) {
  Diagnostics diagnostics;
  diagnostics.add_source(graph.file, graph.document->shared_text());
  diagnostics.error(problem.where(), problem.message());
  throw InvalidInput(std::move(diagnostics));
}

Exit run_next(const Invocation& invocation) {
  const UnitCatalog catalog;
  const std::string name = invocation.text("GRAPH");
  const std::int64_t count = invocation.integer("n", 5, 1);
  if (count > kMostFires)
    throw Error(ErrorClass::config, "--n must be at most " + std::to_string(kMostFires) + ", got " +
                                        std::to_string(count));
  const Workspace workspace = load_workspace(invocation, catalog, name);
  const Graph& graph = *workspace.graphs.at(name);
  if (!graph.schedule)
    throw Error(ErrorClass::config, "graph '" + name +
                                        "' has no schedule, so it runs only when told to; add e.g. "
                                        "'schedule: { cron: \"0 6 * * *\" }' to " +
                                        graph.file);
  const Instant from = invocation.has("from")
                           ? instant_of(invocation.text("from"), graph.schedule->zone)
                           : clock_now();
  const Outlook outlook = look_ahead(graph, from, static_cast<int>(count));
  if (!outlook.fires.empty() || !outlook.problem)
    invocation.out() << (invocation.json() ? pretty_json(as_json(graph, from, outlook.fires))
                                           : as_text(graph, outlook.fires));
  if (outlook.problem) throw_located(graph, *outlook.problem);
  return Exit::ok;
}

}  // namespace

void register_next(Registry<Command>& commands) {
  commands.add({
      .name = "next",
      .summary = "Shows when a graph is due by its schedule, and for which period each time.",
      .example = "tallymill next month_end --n 20",
      .arguments = {{"GRAPH", "The graph to look ahead for."}},
      .flags = {{.name = "n", .value = "COUNT", .summary = "How many times; default 5."},
                {.name = "from",
                 .value = "INSTANT",
                 .summary = "After this, e.g. 2026-01-31T06:00 or 2026-01-30T22:00Z; default now."},
                json_flag()},
      .run = run_next,
  });
}

}  // namespace tallymill
