// How fast the store is, by itself: store_speed MODE FILE NUMBER [NUMBER]
//   append FILE JOBS FLIGHT   state changes of as many jobs, FLIGHT attempts at once, as the
//                             scheduler makes them: ready, started and ended, one commit a turn
//   floor FILE JOBS FLIGHT    the same commits with one bare row each instead of the changes
//   history FILE JOB_RUNS     a store with that many ended job runs, and an open run of 100,000
//   list FILE TIMES           the run list, opened anew each time, as `status` makes it
//   recover FILE TIMES        what a scheduler reads of the open run when it goes on with it
// Prints one number: changes per second, or median milliseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/error.h"
#include "scheduler/store.h"

using namespace tallymill;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kJobsPerRun = 300;
constexpr int kOpenJobs = 100'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string run_id(int jobs) { return "books.2026-01." + std::to_string(jobs); }
std::string job_name(int i) { return "job_" + std::to_string(i); }
std::string attempt_id(const std::string& run, int i) {
  return run + "-" + job_name(i) + "-1-abcdef";
}

RunStarted run_of(int jobs) {
  RunStarted started;
  started.run = run_id(jobs);
  started.graph = "books";
  started.period = "2026-01";
  started.as_of = "2026-02-01T00:00:00Z";
  for (int i = 0; i < jobs; ++i) started.jobs.push_back(job_name(i));
  return started;
}

AttemptEnded end_of(const std::string& run, int i) {
  AttemptEnded ended;
  ended.run = run;
  ended.job = job_name(i);
  ended.attempt = attempt_id(run, i);
  ended.state = AttemptState::succeeded;
  ended.job_state = JobRunState::succeeded;
  ended.outcome = "succeeded";
  ended.rows_in = ended.rows_out = 1'000;
  ended.fingerprint = std::string(64, 'f');
  ended.ledger = R"({"rows":{"in":1000,"out":1000}})";
  ended.publishes = true;
  ended.versions = {{job_name(i), false, 1'000, std::string(32, 'd'), "", {}, {}}};
  if (i > 0)
    ended.inputs = {{job_name(i - 1), "2026-01", "", attempt_id(run, i - 1), std::string(32, 'd')}};
  return ended;
}

/// Every turn takes in what ended, makes as many jobs ready, starts them, and commits once.
double append(const std::string& file, int jobs, int flight) {
  Store store{StoreAddress(std::filesystem::path(file)), "bench"};
  const std::string run = run_id(jobs);
  store.append(to_event(run_of(jobs)));
  store.commit();
  const auto start = Clock::now();
  std::int64_t changes = 0;
  for (int first = 0; first < jobs + flight; first += flight) {
    for (int i = std::max(0, first - flight); i < std::min(first, jobs); ++i, ++changes)
      store.append(to_event(end_of(run, i)));
    for (int i = first; i < std::min(first + flight, jobs); ++i, changes += 2) {
      store.append(
          to_event(JobReady{run, job_name(i), JobRunState::waiting, std::string(64, 'f'), {}}));
      store.append(to_event(
          AttemptStarted{run, job_name(i), attempt_id(run, i), 1, std::string(32, 'n'), 1}));
    }
    store.commit();
  }
  return static_cast<double>(changes) / seconds_since(start);
}

double floor_of(const std::string& file, int jobs, int flight) {
  Database database{StoreAddress(std::filesystem::path(file)), Database::Mode::write};
  database.execute("create table bare (number bigint primary key, body text not null)");
  const std::string body(600, 'b');
  const auto start = Clock::now();
  for (std::int64_t number = 0; number < std::int64_t{jobs} * 3;) {
    database.begin();
    for (int i = 0; i < flight * 3; ++i)
      database.execute("insert into bare values (:p0, :p1)", {number++, body});
    database.commit();
  }
  return static_cast<double>(jobs) * 3 / seconds_since(start);
}

/// The tables alone: events of so many job runs would take a day's disk, and no list reads them.
void add_history(Database& database, std::int64_t runs) {
  const std::string numbers =
      "with recursive n (i) as (select 1 union all select i + 1 from n where i < " +
      std::to_string(runs) + ") ";
  const std::string jobs =
      "with recursive j (k) as (select 1 union all select k + 1 from j where k < " +
      std::to_string(kJobsPerRun) + ") ";
  database.execute(
      "insert into run (id, graph, period, number, of_run, state, who, as_of, params, forced,"
      " options, event, started_at, ended_at, verdict) " +
      numbers +
      "select 'history_' || (i % 20) || '.2025-01.' || i, 'history_' || (i % 20), '2025-01', i, '',"
      " 'ended', 'ana', '2025-02-01T00:00:00Z', '{}', '[]', '{\"allow_stale\":false,\"given\":[]}',"
      " 1000 + i, '2025-02-01T00:00:00.000Z', '2025-02-01T01:00:00.000Z', 'ok' from n");
  database.execute(
      "insert into job_run (run, job, partition, graph, period, position, state, is_open, reason,"
      " attempts, fingerprint, retry_at, changed_at) " +
      jobs +
      "select run.id, 'job_' || k, '', run.graph, run.period, k, 'succeeded', 0, '', 1,"
      " 'ffffffffffffffffffffffffffffffff', '', '2025-02-01T01:00:00.000Z' from run, j"
      " where run.state = 'ended'");
}

void make_history(const std::string& file, std::int64_t job_runs) {
  Store store{StoreAddress(std::filesystem::path(file)), "bench"};
  Database& database = store.view().database();
  database.begin();
  add_history(database, std::max<std::int64_t>(job_runs / kJobsPerRun, 1));
  database.commit();
  const std::string run = run_id(kOpenJobs);
  store.append(to_event(run_of(kOpenJobs)));
  store.commit();
  // Half of it is done, 64 attempts are under way.
  for (int i = 0; i < kOpenJobs / 2 + 64; ++i) {
    store.append(
        to_event(JobReady{run, job_name(i), JobRunState::waiting, std::string(64, 'f'), {}}));
    store.append(
        to_event(AttemptStarted{run, job_name(i), attempt_id(run, i), 1, std::string(32, 'n'), 1}));
    if (i < kOpenJobs / 2) store.append(to_event(end_of(run, i)));
    if (store.uncommitted() > 1'000) store.commit();
  }
  store.commit();
}

template <class Work>
double median_ms(int times, Work work) {
  std::vector<double> taken;
  for (int i = 0; i < times; ++i) {
    const auto start = Clock::now();
    work();
    taken.push_back(seconds_since(start) * 1'000);
  }
  std::sort(taken.begin(), taken.end());
  return taken[taken.size() / 2];
}

double list_ms(const std::string& file, int times) {
  return median_ms(times, [&] {
    auto view = StoreView::open(std::filesystem::path(file)).value();
    if (view.runs("", 10).size() != 10 || view.runs("history_7", 10).size() != 10 ||
        view.open_runs().size() != 1)
      std::abort();
  });
}

double recover_ms(const std::string& file, int times) {
  return median_ms(times, [&] {
    auto view = StoreView::open(std::filesystem::path(file)).value();
    const RunRecord run = view.open_runs().at(0);
    if (view.job_runs(run.id).size() != kOpenJobs || view.open_attempts().size() != 64 ||
        view.attempts(run.id).empty() || view.results(run.graph, run.period).empty() ||
        view.visible_of(run.graph, run.period).empty() || !view.pins(run.id).empty())
      std::abort();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string mode = argv[1];
  const std::string file = argv[2];
  const int number = std::atoi(argv[3]);
  const int flight = argc > 4 ? std::atoi(argv[4]) : 64;
  try {
    if (mode == "append") std::printf("%.0f\n", append(file, number, flight));
    if (mode == "floor") std::printf("%.0f\n", floor_of(file, number, flight));
    if (mode == "history") make_history(file, number);
    if (mode == "list") std::printf("%.2f\n", list_ms(file, number));
    if (mode == "recover") std::printf("%.0f\n", recover_ms(file, number));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
