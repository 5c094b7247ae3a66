#include <doctest/doctest.h>

#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome forecast(const SampleWorkspace& workspace, std::vector<std::string> words) {
  words.insert(words.begin(), "forecast");
  words.insert(words.end(), {"--workspace", workspace.root()});
  return run_tallymill(words);
}

struct TwoJobs : SampleWorkspace {
  TwoJobs() {
    write("graphs/g.yaml",
          "graph: g\nperiod: month\njobs:\n  a: { type: noop }\n"
          "  b: { type: noop, needs: [a], deadline: { at: \"08:00\", day: period_last_day + 2 } }\n"
          "  alarm: { type: noop, needs: [a, b], when: one_failed }\n");
  }
};

}  // namespace

TEST_CASE("forecast: before anything has run, the path is known and lengths are not") {
  const TwoJobs workspace;
  const CommandOutcome outcome =
      forecast(workspace, {"g", "--from", "2026-02-01T06:00Z", "--period", "2026-01"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out ==
        "g 2026-01, from 2026-02-01 06:00 UTC: 2 jobs to do, 2 slots\n"
        "done by  2026-02-01 06:00 in half of 1,000 trials (P50, 0.0s), 2026-02-01 06:00 in nine "
        "tenths (P90, 0.0s)\n"
        "  job  runs  P50               P90               critical  deadline\n"
        "  a       0  2026-02-01 06:00  2026-02-01 06:00     100 %\n"
        "  b       0  2026-02-01 06:00  2026-02-01 06:00     100 %  2026-02-02 08:00, missed in 0 "
        "%\n"
        "critical path: a -> b\n");
}

TEST_CASE("forecast: what ran before counts, the same question has the same answer") {
  const TwoJobs workspace;
  for (const char* period : {"2026-01", "2026-02"})
    CHECK(run_tallymill({"run", "g", "--period", period, "--workspace", workspace.root()}).exit ==
          0);
  const auto ask = [&] {
    return forecast(workspace,
                    {"g", "--from", "2026-04-03T06:00Z", "--period", "2026-03", "--json"});
  };
  const json::value answer = parse_json(ask().out, "forecast");
  CHECK(answer.at("jobs").at(0).at("runs").as_int64() == 2);
  CHECK(answer.at("jobs").at(1).at("deadlines").at(0).at("missed_ratio").to_number<double>() == 1);
  CHECK(answer.at("critical_path") == json::value({"a", "b"}));
  CHECK(answer.at("p90_ms").as_int64() >= answer.at("p50_ms").as_int64());
  CHECK(ask().out == ask().out);
}

TEST_CASE("forecast: a run that has ended, and what is neither graph nor run, are told") {
  const TwoJobs workspace;
  CHECK(forecast(workspace, {"h"}).err.find("there is no graph 'h', and nothing has run yet") !=
        std::string::npos);
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  const CommandOutcome ended = forecast(workspace, {"g.2026-01.1"});
  CHECK(ended.exit == 2);
  CHECK(ended.err.find("run g.2026-01.1 has ended; ask for its graph: 'tallymill forecast g'") !=
        std::string::npos);
}
