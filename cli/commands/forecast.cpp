#include <algorithm>
#include <cmath>

#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/schedule_outlook.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/fire.h"
#include "scheduler/graph_deadlines.h"
#include "scheduler/recorded_run.h"
#include "scheduler/run_forecast.h"
#include "scheduler/state_folder.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

/// What the forecast is about, kept alive as long as it is looked at.
struct Question {
  std::shared_ptr<const Workspace> workspace;
  std::shared_ptr<const Graph> graph;
  std::unique_ptr<LiveRun> run;  ///< null: the graph as a whole
  Period period;
  Instant from;
  Zone zone;

  ForecastSubject subject() const {
    return {*workspace, *graph, run.get(), period, run ? run->record().params : graph->params,
            from};
  }
};

std::string percent(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

std::string clock_text(const Question& question, std::chrono::milliseconds after) {
  // "2026-02-04T06:42:10+08:00": the minute is enough for people.
  const Instant at{question.from.seconds + std::chrono::ceil<std::chrono::seconds>(after).count()};
  std::string text = question.zone.text(at).substr(0, 16);
  text[10] = ' ';
  return text;
}

/// A run that goes on, or the graph of that name.
Question question_of(const Invocation& invocation, const UnitCatalog& catalog) {
  Question question;
  auto workspace = std::make_shared<const Workspace>(load_workspace_to_look(invocation, catalog));
  question.workspace = workspace;
  const std::string name = invocation.text("WHAT");
  auto store = StoreView::open(store_address(*workspace));
  const auto graph = workspace->graphs.find(name);
  const bool is_graph = graph != workspace->graphs.end();
  if (!is_graph && !store)
    throw Error(ErrorClass::config, "there is no graph '" + name + "', and nothing has run yet");
  const std::optional<RunRecord> record = store && (!is_graph || !store->runs(name, 1).empty())
                                              ? std::optional(store->find_run(name))
                                              : std::nullopt;
  const bool is_open = record && record->state != RunState::ended;
  if (!is_graph && !is_open)
    throw Error(ErrorClass::config, "run " + record->id +
                                        " has ended; ask for its graph: "
                                        "'tallymill forecast " +
                                        record->graph + "'");
  if (is_open && !invocation.has("period")) {
    question.workspace = pinned_workspace(workspace, catalog, *store, *record);
    question.graph = question.workspace->graphs.at(record->graph);
    question.run = recorded_run(*store, question.graph, *record);
    question.period = Period::parse(record->period).value();
  } else {
    question.graph = is_graph ? graph->second : workspace->graphs.at(record->graph);
  }
  question.zone = question.graph->schedule ? question.graph->schedule->zone : workspace->zone;
  return question;
}

void set_start(const Invocation& invocation, Question& question) {
  question.from =
      invocation.has("from") ? instant_of(invocation.text("from"), question.zone) : clock_now();
  if (question.run) return;
  const Graph& graph = *question.graph;
  question.period = period_of(question.zone.local(question.from), graph.period, 0);
  if (invocation.has("period")) {
    question.period = period_of(invocation);
    if (question.period.kind() != graph.period)
      throw Error(ErrorClass::config, "graph '" + graph.name + "' runs per " +
                                          std::string(to_string(graph.period)) + ", and '" +
                                          question.period.text() + "' is a " +
                                          std::string(to_string(question.period.kind())));
  } else if (graph.schedule && !invocation.has("from")) {
    if (const auto fire = next_fire(*graph.schedule, graph.period, question.from)) {
      question.from = fire->at;
      question.period = fire->period;
    }
  }
}

/// "08:00 user_cost: 34 %" of every deadline of a job.
std::string deadlines_text(const Question& question, const RunForecast& outlook, std::size_t at) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < outlook.deadlines[at].size(); ++i) {
    const AskedDeadline& deadline = outlook.deadlines[at][i];
    std::string due = question.zone.text(deadline.at).substr(0, 16);
    due[10] = ' ';
    parts.push_back((deadline.dataset.empty() ? "" : "'" + deadline.dataset + "' ") + due +
                    ", missed in " + percent(outlook.forecast.jobs[at].missed_ratios[i]));
  }
  return join(parts, "; ");
}

void print_text(const Invocation& invocation, const Question& question,
                const RunForecast& outlook) {
  const Forecast& forecast = outlook.forecast;
  const Graph& graph = *question.graph;
  auto& out = invocation.out();
  out << graph.name << " " << question.period.text()
      << (question.run ? ", run " + question.run->record().id : "") << ", from "
      << clock_text(question, {}) << " " << question.zone.name() << ": "
      << group_digits(static_cast<std::int64_t>(forecast.jobs.size())) << " jobs to do, "
      << question.workspace->slots << (question.workspace->slots == 1 ? " slot\n" : " slots\n");
  out << "done by  " << clock_text(question, forecast.p50) << " in half of "
      << group_digits(forecast.trials) << " trials (P50, " << duration_text(forecast.p50) << "), "
      << clock_text(question, forecast.p90) << " in nine tenths (P90, "
      << duration_text(forecast.p90) << ")\n";
  TextTable table({{"job"}, {"runs", true}, {"P50"}, {"P90"}, {"critical", true}, {"deadline"}});
  for (std::size_t i = 0; i < forecast.jobs.size(); ++i) {
    const JobOutlook& job = forecast.jobs[i];
    table.add({graph.jobs[job.job].spec.name, std::to_string(job.samples),
               clock_text(question, job.p50), clock_text(question, job.p90),
               percent(job.critical_ratio), deadlines_text(question, outlook, i)});
  }
  if (!table.empty()) out << table.text();
  std::vector<std::string> path;
  for (const JobIndex index : forecast.critical_path) path.push_back(graph.jobs[index].spec.name);
  if (!path.empty()) out << "critical path: " << join(path, " -> ") << "\n";
  for (const std::string& note : outlook.notes) out << "not reckoned with: " << note << "\n";
}

json::array deadlines_json(const RunForecast& outlook, std::size_t at) {
  json::array list;
  for (std::size_t i = 0; i < outlook.deadlines[at].size(); ++i)
    list.push_back(json::object{{"dataset", outlook.deadlines[at][i].dataset},
                                {"at", outlook.deadlines[at][i].at.text()},
                                {"missed_ratio", outlook.forecast.jobs[at].missed_ratios[i]}});
  return list;
}

json::object as_json(const Question& question, const RunForecast& outlook) {
  const Forecast& forecast = outlook.forecast;
  json::array jobs;
  for (std::size_t i = 0; i < forecast.jobs.size(); ++i) {
    const JobOutlook& job = forecast.jobs[i];
    jobs.push_back(json::object{{"job", question.graph->jobs[job.job].spec.name},
                                {"runs", job.samples},
                                {"p50_ms", job.p50.count()},
                                {"p90_ms", job.p90.count()},
                                {"critical_ratio", job.critical_ratio},
                                {"deadlines", deadlines_json(outlook, i)}});
  }
  json::array path;
  for (const JobIndex index : forecast.critical_path)
    path.emplace_back(question.graph->jobs[index].spec.name);
  json::array notes;
  for (const std::string& note : outlook.notes) notes.emplace_back(note);
  return {
      {"graph", question.graph->name},      {"run", question.run ? question.run->record().id : ""},
      {"period", question.period.text()},   {"from", question.from.text()},
      {"slots", question.workspace->slots}, {"trials", forecast.trials},
      {"p50_ms", forecast.p50.count()},     {"p90_ms", forecast.p90.count()},
      {"critical_path", std::move(path)},   {"jobs", std::move(jobs)},
      {"notes", std::move(notes)}};
}

Exit run_forecast(const Invocation& invocation) {
  const UnitCatalog catalog;
  Question question = question_of(invocation, catalog);
  set_start(invocation, question);
  auto store = StoreView::open(store_address(*question.workspace));
  const RunForecast outlook = forecast_run(question.subject(), store ? &*store : nullptr);
  if (invocation.json())
    invocation.out() << pretty_json(as_json(question, outlook));
  else
    print_text(invocation, question, outlook);
  return Exit::ok;
}

}  // namespace

void register_forecast(Registry<Command>& commands) {
  Flag period = period_flag();
  period.required = false;
  period.summary = "Of a graph: the period it will run for; default the next one due.";
  commands.add({
      .name = "forecast",
      .summary =
          "Says when a run will be done, what holds it up and which deadlines it would miss.",
      .example = "tallymill forecast cost_attribution",
      .arguments = {{"WHAT", "A graph, or a run that is open."}},
      .flags = {std::move(period),
                {.name = "from",
                 .value = "INSTANT",
                 .summary = "When it starts, e.g. 2026-02-04T06:00; default the next time due, or "
                            "now."},
                json_flag()},
      .run = run_forecast,
  });
}

}  // namespace tallymill
