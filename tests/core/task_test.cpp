#include "core/task.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

Task sample_task() {
  Task task;
  task.mode = TaskMode::query;
  task.attempt = "2026-01#3.user_cost.1";
  task.epoch = {INT64_MAX, std::string(32, 'a'), std::string(32, 'b')};
  task.folder = "/s/attempts/1";
  task.workspace = "/w";
  task.currency_scale = 3;
  task.graph = "g";
  task.job = "j";
  task.type = "allocate";
  task.period = "2026-01";
  task.partition = "广州";
  task.as_of = "2026-02-03T04:05:06Z";
  task.threads = 4;
  task.memory_bytes = 1 << 30;
  task.spec = {{"file", "g.yaml"}, {"nodes", json::array{0, 1, 1, 1, nullptr}}};
  task.params["tolerance"] = {"money", "0.01"};
  task.inputs["pool"] = {{"v1", "/s/datasets/pool/v1", "2026-01", "", "abc"},
                         {"v2", "/s/datasets/pool/v2", "2025-12", "x", "def"}};
  task.inputs["none"] = {};
  task.files["rules/a.lua"] = {"rules/a.lua", "ff", "/s/blobs/ff"};
  task.connectors["m8"] = {{"type", "sqlite"}};
  task.hidden_columns = {"id_card", "phone"};
  task.previous = {{"source_state", 1}, {"fingerprint", "f"}};
  return task;
}

TaskResult sample_result() {
  TaskResult result;
  result.attempt = "a";
  result.epoch = {7, "n", "s"};
  result.outcome = TaskOutcome::findings;
  result.error_class = ErrorClass::outcome_unknown;
  result.error = "error: x\n  while y";
  result.outputs = {{"pool", false, "staging/pool", 5, "d", {{"amount", "12.30"}}},
                    {"pool.rejects", true, "staging/pool.rejects", 0, "e", {}}};
  result.ledger = {{"in", 5}};
  result.checks = {json::object{{"name", "c"}}};
  result.indicators = {1};
  result.gate = {{"dataset", "pool"}, {"passed", false}};
  result.source_state = "state";
  result.report = {{"r", 1}};
  result.metrics = {{"seconds", 1.5}};
  result.diagnostics = {json::object{{"severity", "error"}}};
  result.answer = json::array{1, 2};
  result.rows_in = 1;
  result.rows_out = 2;
  result.rows_rejected = 3;
  result.findings_error = 4;
  result.findings_warn = 5;
  return result;
}

}  // namespace

TEST_CASE("task: everything a worker depends on survives the file") {
  const Task task = sample_task();
  const json::value written = task.to_json();
  const Task back = Task::from_json(parse_json(json::serialize(written), "task.json"));
  CHECK(json::serialize(back.to_json()) == json::serialize(written));
  CHECK(back.epoch == task.epoch);
  CHECK(back.inputs.at("pool")[1].partition == "x");
  CHECK(back.files.at("rules/a.lua").blob == "/s/blobs/ff");
  CHECK(back.mode == TaskMode::query);
}

TEST_CASE("task: a result survives the file") {
  const TaskResult result = sample_result();
  const json::value written = result.to_json();
  const TaskResult back =
      TaskResult::from_json(parse_json(json::serialize(written), "result.json"));
  CHECK(json::serialize(back.to_json()) == json::serialize(written));
  CHECK(back.outcome == TaskOutcome::findings);
  CHECK(back.error_class == ErrorClass::outcome_unknown);
  CHECK(back.outputs[0].amounts.at("amount") == "12.30");
}

TEST_CASE("task: another format is refused, naming both numbers") {
  json::value task = sample_task().to_json();
  task.as_object()["format"] = 2;
  CHECK_THROWS_WITH_AS(Task::from_json(task),
                       "error: task.json has format 2, this program reads format 1; scheduler and "
                       "worker must be of one release",
                       Error);
  json::value result = sample_result().to_json();
  result.as_object()["format"] = 0;
  CHECK_THROWS_WITH_AS(TaskResult::from_json(result),
                       "error: result.json has format 0, this program reads format 1; scheduler "
                       "and worker must be of one release",
                       Error);
}

TEST_CASE("task: every field that is missing or of another kind is refused") {
  const auto refuses_without_each = [](const json::value& whole, auto read) {
    for (const auto& [key, value] : whole.as_object()) {
      CAPTURE(std::string(key));
      json::value broken = whole;
      broken.as_object().erase(key);
      // Tasks of earlier attempts, which people still look at, lack it.
      if (key != "hidden_columns") CHECK_THROWS_AS(read(broken), Error);
      const bool takes_anything =
          key == "spec" || key == "previous" || key == "source_state" || key == "answer";
      broken.as_object()[key] = value.is_bool() ? json::value(1) : json::value(true);
      if (!takes_anything) CHECK_THROWS_AS(read(broken), Error);
    }
  };
  refuses_without_each(sample_task().to_json(), [](const json::value& v) { Task::from_json(v); });
  refuses_without_each(sample_result().to_json(),
                       [](const json::value& v) { TaskResult::from_json(v); });
  CHECK_THROWS_WITH_AS(Task::from_json(1), "error: task.json must be an object", Error);
}

TEST_CASE("task: unknown names of modes, outcomes and classes are refused") {
  json::value task = sample_task().to_json();
  task.as_object()["mode"] = "dream";
  CHECK_THROWS_WITH_AS(Task::from_json(task), "error: key 'mode' has the unknown value 'dream'",
                       Error);
  json::value result = sample_result().to_json();
  result.as_object()["error_class"] = "bad_luck";
  CHECK_THROWS_WITH_AS(TaskResult::from_json(result),
                       "error: key 'error_class' has the unknown value 'bad_luck'", Error);
}
