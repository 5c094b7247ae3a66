#include "tests/crash/client.h"

#include "core/correction.h"
#include "core/error.h"
#include "scheduler/corrections.h"
#include "scheduler/requests.h"
#include "scheduler/rerun_plan.h"
#include "tests/crash/sql_file.h"
#include "tests/scheduler/test_catalog.h"

namespace tallymill::crash {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPeriod = "2026-01";
/// A service that lives answers in a thousandth of it.
constexpr auto kPatience = 10s;

RunRequest request_for(const std::string& graph, const std::string& reason) {
  RunRequest request{.graph = graph, .period = Period::parse(kPeriod).value()};
  request.reason = reason;
  return request;
}

RunOperationKind operation_of(Command::Kind kind) {
  switch (kind) {
    case Command::Kind::pause:
      return RunOperationKind::pause;
    case Command::Kind::resume:
      return RunOperationKind::resume;
    case Command::Kind::approve:
      return RunOperationKind::approve;
    case Command::Kind::reject:
      return RunOperationKind::reject;
    case Command::Kind::mark:
      return RunOperationKind::mark;
    default:
      return RunOperationKind::cancel;
  }
}

}  // namespace

Client::Client(std::filesystem::path root, const Scenario& scenario)
    : root_(std::move(root)), scenario_(scenario) {}

const LabGraph* Client::graph_of(const std::string& run) const {
  for (const LabGraph& graph : scenario_.graphs)
    if (run.starts_with(graph.name + ".")) return &graph;
  return nullptr;
}

std::string Client::some_job(const LabGraph& graph, Dice& dice) const {
  const LabJob& job =
      graph.jobs[static_cast<std::size_t>(dice.roll(static_cast<int>(graph.jobs.size())))];
  if (!job.spread) return job.name;
  return name_of(job.name, scenario_.cities[static_cast<std::size_t>(
                               dice.roll(static_cast<int>(scenario_.cities.size())))]);
}

Client::Asked Client::ask(Command command, json::object request) {
  Asked asked{SocketClient::connect(root_ / ".tallymill/socket"), commands_.size()};
  commands_.push_back(std::move(command));
  if (asked.connection && !asked.connection->send(request)) asked.connection.reset();
  return asked;
}

void Client::listen(Asked& asked) {
  if (!asked.connection) return;
  Command& command = commands_[asked.command];
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!asked.connection->is_closed() && std::chrono::steady_clock::now() < until) {
    const auto line = asked.connection->next(100ms);
    if (!line) continue;
    if (line->contains("error")) {
      command.answer = Command::Answer::refused;
      return;
    }
    if (line->contains("goes_on")) {
      runs_.insert(json_text(*line, "run"));
      if (command.kind == Command::Kind::run || command.kind == Command::Kind::rerun)
        command.run = json_text(*line, "run");
      command.goes_on = json_boolean(*line, "goes_on");
    }
    if (!line->contains("done")) continue;
    command.answer = Command::Answer::acknowledged;
    const SqlFile store(root_ / ".tallymill/store.db");
    command.head = std::stoll(store.rows("select max(number) from event")[0][0]);
    return;
  }
}

Client::Asked Client::ask_of_run(Command::Kind kind, const std::string& run, const std::string& job,
                                 Dice* dice) {
  Command command{.kind = kind, .mark = next_mark(), .run = run, .job = job, .of = {}};
  RunOperation operation{.kind = operation_of(kind), .run = run, .job = job, .why = command.mark};
  if (kind == Command::Kind::mark && dice != nullptr) {
    constexpr JobRunState kStates[] = {JobRunState::succeeded, JobRunState::skipped,
                                       JobRunState::failed};
    operation.to = kStates[dice->roll(3)];
  }
  return ask(std::move(command), to_wire(operation));
}

Client::Asked Client::ask_rerun(const std::string& run, Dice& dice) {
  Command command{
      .kind = Command::Kind::rerun, .mark = next_mark(), .run = {}, .job = {}, .of = run};
  RerunRequest request{.of = run, .selection = {}, .digest = {}};
  request.selection.failed = dice.chance(70);
  request.selection.reason = command.mark;
  try {
    const TestCatalog catalog;
    Diagnostics diagnostics;
    const Workspace workspace = Workspace::load(root_, catalog, diagnostics);
    auto view = StoreView::open(root_ / ".tallymill/store.db");
    request.digest = plan_rerun(workspace, *view, view->run(run).value(), request.selection).digest;
  } catch (const Error&) {
    return {};  // nothing to do again; that is not asked
  }
  return ask(std::move(command), to_wire(request));
}

Client::Asked Client::ask_correction(Dice& dice) {
  std::vector<std::pair<std::string, const LabJob*>> jobs;
  for (const LabGraph& graph : scenario_.graphs)
    for (const LabJob& job : graph.jobs)
      if (!job.evidence.empty()) jobs.emplace_back(graph.name, &job);
  if (jobs.empty()) return {};
  const auto& [graph, job] =
      jobs[static_cast<std::size_t>(dice.roll(static_cast<int>(jobs.size())))];
  const std::string city = job->spread ? scenario_.cities[static_cast<std::size_t>(
                                             dice.roll(static_cast<int>(scenario_.cities.size())))]
                                       : "";
  const auto seen = SqlFile(root_ / ".tallymill/store.db")
                        .rows("select id from version where visible = 1 and dataset = '" +
                              job->evidence + "' and partition = '" + city + "'");
  if (seen.empty()) return {};
  Command command{.kind = Command::Kind::correct,
                  .mark = next_mark(),
                  .run = {},
                  .job = name_of(job->name, city),
                  .of = graph};
  // Rows of their own, so that all of them stand beside each other in the end.
  const CorrectionOrder order{
      .graph = graph,
      .job = command.job,
      .period = kPeriod,
      .version = dice.chance(15) ? "some.older-1" : seen[0][0],
      .file = "sheet.csv",
      .why = command.mark,
      .text = corrections_text({{.place = {{"_source", "s.csv"}, {"_line", command.mark}},
                                 .original = "o",
                                 .cells = {{"value", "right"}}}})};
  return ask(std::move(command), to_wire(order));
}

Client::Asked Client::ask_at_random(Dice& dice) {
  if (!runs_.empty() && dice.chance(20)) return ask_correction(dice);
  const int roll = dice.roll(100);
  if (runs_.empty() || roll < 40) {
    const auto graph =
        static_cast<std::size_t>(dice.roll(static_cast<int>(scenario_.graphs.size())));
    Command command{
        .kind = Command::Kind::run, .mark = next_mark(), .run = {}, .job = {}, .of = {}};
    RunRequest request = request_for(scenario_.graphs[graph].name, command.mark);
    request.fresh = dice.chance(15);
    request.force = dice.chance(25);
    return ask(std::move(command), to_wire(request));
  }
  const std::vector<std::string> known = runs();
  // The newest ones are more likely to be open.
  const std::string run =
      known[known.size() - 1 - static_cast<std::size_t>(dice.roll(static_cast<int>(known.size())))];
  if (roll < 50) return ask_rerun(run, dice);
  const std::string job = some_job(*graph_of(run), dice);
  if (roll < 58) return ask_of_run(Command::Kind::pause, run, {}, nullptr);
  if (roll < 68) return ask_of_run(Command::Kind::resume, run, {}, nullptr);
  if (roll < 75) return ask_of_run(Command::Kind::cancel, run, {}, nullptr);
  if (roll < 82) return ask_of_run(Command::Kind::cancel, run, job, nullptr);
  if (roll < 90) return ask_of_run(Command::Kind::mark, run, job, &dice);
  for (const LabJob& approval : graph_of(run)->jobs)
    if (approval.approval)
      return ask_of_run(roll < 96 ? Command::Kind::approve : Command::Kind::reject, run,
                        approval.name, nullptr);
  return ask_of_run(Command::Kind::approve, run, job, nullptr);
}

void Client::ask_something(Dice& dice, const std::function<void()>& meanwhile) {
  std::vector<Asked> asked;
  for (int count = dice.chance(25) ? 2 + dice.roll(3) : 1; count > 0; --count)
    asked.push_back(ask_at_random(dice));
  meanwhile();
  for (Asked& one : asked) listen(one);
}

void Client::ask_run(const std::string& graph) {
  Command command{.kind = Command::Kind::run, .mark = next_mark(), .run = {}, .job = {}, .of = {}};
  const json::object request = to_wire(request_for(graph, command.mark));
  Asked asked = ask(std::move(command), request);
  listen(asked);
}

bool Client::is_done(const std::string& graph) const {
  const SqlFile store(root_ / ".tallymill/store.db");
  return store.rows("select 1 from run where state <> 'ended' and graph = '" + graph + "'").empty();
}

void Client::let_go(const std::string& graph) {
  const SqlFile store(root_ / ".tallymill/store.db");
  const std::string open = " where r.state <> 'ended' and r.graph = '" + graph + "'";
  for (const auto& row : store.rows("select r.id from run r" + open + " and r.state = 'paused'")) {
    Asked asked = ask_of_run(Command::Kind::resume, row[0], {}, nullptr);
    listen(asked);
  }
  // A rerun may wait for what only jobs that it leaves out would make.
  const std::string of_it = "select r.id from run r join job_run j on j.run = r.id" + open;
  const bool is_stuck =
      !store.rows(of_it + " and j.reason like 'input_%'").empty() &&
      store.rows(of_it + " and j.state in ('ready', 'running', 'retry_wait')").empty();
  stuck_for_ = is_stuck ? stuck_for_ + 1 : 0;
  if (stuck_for_ > 100)
    for (const auto& row : store.rows("select r.id from run r" + open)) {
      stuck_for_ = 0;
      Asked asked = ask_of_run(Command::Kind::cancel, row[0], {}, nullptr);
      listen(asked);
    }
  for (const LabJob& job : graph_of(graph + ".")->jobs) {
    if (!job.approval) continue;
    for (const auto& row :
         store.rows("select r.id from run r join job_run j on j.run = r.id" + open +
                    " and j.job = '" + job.name + "' and j.state = 'waiting'")) {
      Asked asked = ask_of_run(Command::Kind::approve, row[0], job.name, nullptr);
      listen(asked);
    }
  }
}

}  // namespace tallymill::crash
