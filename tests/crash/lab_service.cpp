// Lab: a service that is asked things over its socket while it is killed again and again.
#include <signal.h>

#include <thread>

#include "tests/crash/checker.h"
#include "tests/crash/client.h"
#include "tests/crash/lab.h"

namespace tallymill::crash {
namespace {

using namespace std::chrono_literals;

constexpr auto kStuck = 60s;

}  // namespace

bool Lab::serve(int crash_at) {
  service_ = start("service_probe", {}, crash_at);
  const auto until = std::chrono::steady_clock::now() + kStuck;
  while (service_ > 0 && std::chrono::steady_clock::now() < until) {
    // The socket of a killed one still lies there: what counts is that somebody answers.
    if (SocketClient::connect(root_ / ".tallymill/socket")) return true;
    const End end = wait(service_, 1ms);
    if (end.timed_out) continue;
    note_service_end(end);
    return false;
  }
  problem("the service does not listen");
  return false;
}

void Lab::note_service_end(const End& end) {
  service_ = 0;
  if (end.code == kKilled) {
    ++tally_.points;
    ++tally_.at_events;
  } else if (end.code != 0) {
    problem("the service ended with " + std::to_string(end.code) + ": " + text_of(root_ / "err"));
  }
}

void Lab::end_service(int signal) {
  if (service_ <= 0) return;
  End end = wait(service_, 0ms);
  if (!end.timed_out) return note_service_end(end);  // at its own crash point
  ::kill(service_, signal);
  end = wait(service_, kStuck);
  if (end.timed_out) {
    problem("stuck: the service does not end");
    ::kill(service_, SIGKILL);
    end = wait(service_, kStuck);
  }
  service_ = 0;
  if (end.code == kKilled) {
    ++tally_.points;
    ++tally_.at_instants;
  } else if (end.code != 0) {
    problem("the service ended with " + std::to_string(end.code) + ": " + text_of(root_ / "err"));
  }
}

void Lab::pester(Client& client, Dice& dice) {
  bool is_killed = false;
  for (int count = 2 + dice.roll(8); count > 0; --count) {
    client.ask_something(dice, [&] {
      if (dice.chance(20)) kill_worker(service_, dice);
      if (!dice.chance(12)) return;
      // What it has answered until now, and only that, has happened.
      std::this_thread::sleep_for(std::chrono::microseconds(dice.roll(4'000)));
      end_service(SIGKILL);
      is_killed = true;
    });
    if (is_killed) return;
    const End end = wait(service_, std::chrono::milliseconds(dice.roll(12)));
    if (!end.timed_out) return note_service_end(end);
  }
}

void Lab::bring_to_an_end(Client& client, const std::string& graph) {
  client.ask_run(graph);
  const auto until = std::chrono::steady_clock::now() + kStuck;
  while (!client.is_done(graph)) {
    if (std::chrono::steady_clock::now() > until)
      return problem("stuck: graph " + graph + " does not come to an end");
    client.let_go(graph);
    std::this_thread::sleep_for(2ms);
  }
}

void Lab::asked_things(Scenario scenario, const std::function<bool()>& enough) {
  Dice dice(scenario.seed ^ 0xFEEDBEEFU);
  lay_out(scenario);
  ++tally_.scenarios;
  story_ = "service, seed " + std::to_string(scenario.seed);
  Client client(root_, scenario);
  const auto judge_commands = [&] {
    for (const std::string& text : check_commands(root_ / ".tallymill", client.commands()))
      problem(text);
  };
  for (int phases = 2 + dice.roll(4); phases > 0 && !enough(); --phases) {
    if (serve(dice.chance(60) ? 1 + dice.roll(70) : 0)) pester(client, dice);
    end_service(dice.chance(85) ? SIGKILL : SIGTERM);
    acknowledged_ = client.runs();
    after_kill(", ended");
    judge_commands();
  }
  // From here on nothing happens to it: everything comes to an end, and to what the seed says.
  scenario.fixed = true;
  write(root_ / "fixed", "");
  write_graphs(scenario);
  if (!serve(0)) return;
  Expectation expected;
  for (const LabGraph& graph : scenario.graphs) {
    // Whatever is open first, with what it was begun with; then a run with everything mended.
    bring_to_an_end(client, graph.name);
    bring_to_an_end(client, graph.name);
    foresee(scenario, graph, kPeriod, expected);
  }
  end_service(SIGTERM);
  tally_.commands += static_cast<long long>(client.commands().size());
  acknowledged_ = client.runs();
  judge_commands();
  for (const std::string& text : check_corrections_read(root_ / ".tallymill", client.commands()))
    problem(text);
  judge_all(expected);
}

}  // namespace tallymill::crash
