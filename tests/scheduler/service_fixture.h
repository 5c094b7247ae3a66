#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "scheduler/requests.h"
#include "scheduler/socket_client.h"
#include "tests/scheduler/run_fixture.h"

namespace tallymill {

/// A workspace that a service_probe serves, and requests to it over its real socket.
class ServiceFixture : public RunFixture {
 public:
  ~ServiceFixture() {
    if (service_ > 0) stop(SIGTERM);  // with its workers
  }
  ServiceFixture() = default;
  ServiceFixture(const ServiceFixture&) = delete;
  ServiceFixture& operator=(const ServiceFixture&) = delete;

  void serve() {
    service_ = start_program({(executable_folder() / "service_probe").string(), root().string()});
    // The socket of a killed process still lies there: what counts is that somebody answers.
    if (!soon([&] { return SocketClient::connect(state() / "socket").has_value(); }))
      throw Error(ErrorClass::bug, "service_probe does not listen: " + log());
  }
  ProbeEnd stop(int signal) {
    ::kill(service_, signal);
    return wait(std::exchange(service_, 0));
  }
  std::string log() const { return read_file(root() / "err"); }
  bool logged(const std::string& part) const {
    return soon([&] { return has(log(), part); });
  }

  /// False if it does not come true within what the slowest machine needs.
  static bool soon(const std::function<bool()>& holds) {
    for (int i = 0; i < 6000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  SocketClient connect() const { return SocketClient::connect(state() / "socket").value(); }
  static RunRequest request(const std::string& graph) {
    return {.graph = graph, .period = Period::parse("2026-01").value()};
  }
  /// The error's message, or "" once it is done.
  std::string ask(const json::object& request) const {
    SocketClient client = connect();
    return answer(client, request);
  }
  static std::string answer(SocketClient& client, const json::object& request) {
    if (!client.send(request)) return "gone";
    for (;;) {
      const auto line = client.next(std::chrono::milliseconds(-1));
      if (!line) return "gone";
      if (line->contains("error")) return json_text(json_at(*line, "error").as_object(), "message");
      if (line->contains("done")) return "";
    }
  }
  std::string submit(const std::string& graph) const { return ask(to_wire(request(graph))); }
  std::string operate(RunOperationKind kind, const std::string& run, const std::string& job = {},
                      JobRunState to = JobRunState::skipped) const {
    return ask(to_wire(RunOperation{kind, run, job, to, "a test"}));
  }

  bool ends(const std::string& run) const {
    return soon([&] {
      const auto record = view().run(run);
      return record && record->state == RunState::ended;
    });
  }
  JobRunRecord job_run(const std::string& run, const std::string& job) const {
    for (const JobRunRecord& record : view().job_runs(run))
      if (record.job == job) return record;
    return {};
  }
  bool reaches(const std::string& run, const std::string& job, JobRunState state) const {
    return soon([&] { return job_run(run, job).state == state; });
  }
  /// The journal holds, and the tables are what it says.
  std::string store_problem() const {
    Database database(state() / "store.db", Database::Mode::write);
    const std::string problem = verify_chain(database).problem;
    return problem.empty() ? replay_difference(database, root() / "copy.db") : problem;
  }

 private:
  pid_t service_ = 0;
};

}  // namespace tallymill
