// A worker for tests of the scheduler: a real process that obeys instructions in the job's spec
// and speaks the folder protocol. `do:` is a list of actions, done in order; without one that ends
// the process it stages what `outputs:` and `evidence:` declare and succeeds.
//
//   outputs: {orders: "text"}   evidence: {clean.rejects: "text"}    rows: 7
//   do: [sleep: 200ms, fail: {class: transient, message: text, tries: 1}, gate: refuse, ...]
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/job_shape.h"
#include "core/log.h"
#include "core/task.h"
#include "core/text.h"
#include "core/yaml.h"

using namespace tallymill;

namespace {

struct Attempt {
  Task task;
  YamlNode spec;
  TaskResult result;
  int number = 1;                        ///< of the attempt, from its folder
  std::string dies_at;                   ///< staged, torn or result; empty: it lives to its end
  std::chrono::milliseconds lingers{0};  ///< how long it is still there with its result written
};

void write_result(const Attempt& attempt) {
  write_file_durably(attempt.task.folder / "result.json",
                     json::serialize(attempt.result.to_json()));
}

int exit_code(TaskOutcome outcome) {
  if (outcome == TaskOutcome::failed) return 1;
  return outcome == TaskOutcome::findings ? 3 : 0;
}

[[noreturn]] void finish(const Attempt& attempt) {
  if (attempt.dies_at == "torn") {
    std::ofstream(attempt.task.folder / "result.json.part") << "{\"format\": 1, \"attempt\":";
    ::raise(SIGKILL);
  }
  if (attempt.dies_at == "staged") ::raise(SIGKILL);
  write_result(attempt);
  if (attempt.dies_at == "result") ::raise(SIGKILL);
  std::this_thread::sleep_for(attempt.lingers);
  std::exit(exit_code(attempt.result.outcome));
}

/// One line per attempt in <workspace>/marks/<job>, so that a test can count executions.
void leave_mark(const Task& task) {
  const auto folder = task.workspace / "marks";
  std::filesystem::create_directories(folder);
  const std::string name = task.partition.empty() ? task.job : task.job + "." + task.partition;
  const auto file = folder / percent_encode(name);
  write_all(open_for_appending(file), task.attempt + "\n", file);
}

std::string inputs_text(const Task& task) {
  std::string text;
  for (const auto& [dataset, versions] : task.inputs)
    for (const InputVersion& input : versions) {
      if (!std::filesystem::exists(input.folder / "data.txt"))
        throw Error(ErrorClass::bug, "input '" + dataset + "' has no " + input.folder.string());
      text += dataset + "@" + input.period + (input.partition.empty() ? "" : "/") +
              input.partition + "=" + input.digest + "\n";
    }
  return text;
}

/// The dataset's content is the text of the spec plus the digests of everything read, so that a
/// changed input shows downstream; `constant: true` leaves the inputs out (early cutoff).
void stage(Attempt& attempt, const std::string& dataset, bool evidence, std::string content) {
  const bool constant = attempt.spec.find("constant").as_boolean().value_or(false);
  if (!constant) content += "\n" + inputs_text(attempt.task);
  content += attempt.task.partition;
  const auto folder = attempt.task.folder / "staging" / dataset;
  std::filesystem::create_directories(folder);
  write_file_durably(folder / "data.txt", content);
  write_file_durably(folder / "manifest.json", "{}\n");
  const std::int64_t rows = attempt.spec.find("rows").as_integer().value_or(3);
  attempt.result.outputs.push_back({.dataset = dataset,
                                    .evidence = evidence,
                                    .folder = "staging/" + dataset,
                                    .rows = rows,
                                    .digest = "v1:" + sha256_hex(content).substr(0, 16),
                                    .amounts = {{"amount", std::to_string(rows) + ".50"}},
                                    .provenance = std::string(attempt.spec.find("lines").text())});
  if (!evidence) attempt.result.rows_out += rows;
}

void stage_all(Attempt& attempt) {
  for (const char* kind : {"outputs", "evidence"}) {
    const YamlNode outputs = attempt.spec.find(kind);
    for (std::size_t i = 0; outputs && i < outputs.size(); ++i)
      stage(attempt, std::string(outputs.key(i).text()), kind == std::string("evidence"),
            std::string(outputs[i].text()));
  }
  attempt.result.outcome = attempt.result.outcome == TaskOutcome::findings ? TaskOutcome::findings
                                                                           : TaskOutcome::succeeded;
}

void fail(Attempt& attempt, const YamlNode& how) {
  if (attempt.number > how.find("tries").as_integer().value_or(1'000'000)) return;
  if (const YamlNode period = how.find("period"); period && period.text() != attempt.task.period)
    return;
  if (const YamlNode partition = how.find("partition");
      partition && partition.text() != attempt.task.partition)
    return;
  attempt.result.outcome = TaskOutcome::failed;
  attempt.result.error_class =
      error_class_from(how.find("class").text()).value_or(ErrorClass::transient);
  attempt.result.error = std::string(how.find("message").text());
  finish(attempt);
}

/// Dies by KILL, at once or later on its way; after `tries` attempts it lives.
void die(Attempt& attempt, const YamlNode& how) {
  if (attempt.number > how.find("tries").as_integer().value_or(1)) return;
  attempt.dies_at = std::string(how.find("at").text());
  if (attempt.dies_at == "start") ::raise(SIGKILL);
}

void needs_file(Attempt& attempt, const std::string& file) {
  if (std::filesystem::exists(attempt.task.workspace / file)) return;
  attempt.result.outcome = TaskOutcome::failed;
  attempt.result.error_class = ErrorClass::data;
  attempt.result.error = "no such file: " + file;
  finish(attempt);
}

/// A reader of a source: the file's text is the source's state and the data.
void read_source(Attempt& attempt, const std::string& file) {
  const std::string text = read_file(attempt.task.workspace / file);
  attempt.result.source_state = json::value(sha256_hex(text));
  if (const json::object* previous = attempt.task.previous.if_object();
      previous && previous->at("source_state") == attempt.result.source_state) {
    attempt.result.outcome = TaskOutcome::unchanged;
    finish(attempt);
  }
  const YamlNode outputs = attempt.spec.find("outputs");
  for (std::size_t i = 0; outputs && i < outputs.size(); ++i)
    stage(attempt, std::string(outputs.key(i).text()), false, text);
  attempt.result.outcome = TaskOutcome::succeeded;
  finish(attempt);
}

void gate(Attempt& attempt, bool passed) {
  attempt.result.gate = {{"dataset", std::string(attempt.spec.find("gates").text())},
                         {"passed", passed}};
  attempt.result.rows_in = 3;
  if (passed) return;
  attempt.result.findings_error = 2;
  attempt.result.outcome = TaskOutcome::findings;
}

/// A child in a session of its own that outlives its parent, and ignores TERM unless it is meek.
void leave_grandchild(const Attempt& attempt, const std::string& manner) {
  if (::fork() != 0) return;
  ::setsid();
  if (manner != "meek") ::signal(SIGTERM, SIG_IGN);
  const auto file = attempt.task.workspace / "grandchild.pid";
  write_file_durably(file, std::to_string(::getpid()));
  std::this_thread::sleep_for(std::chrono::seconds(60));
  std::_Exit(0);
}

void wait_for_file(const std::filesystem::path& file) {
  while (!std::filesystem::exists(file)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void do_one(Attempt& attempt, const std::string& action, const YamlNode& value) {
  const std::string text(value.text());
  const auto& folder = attempt.task.folder;
  if (action == "needs_file") needs_file(attempt, text + attempt.task.partition);
  if (action == "sleep") std::this_thread::sleep_for(*parse_duration(text));
  if (action == "linger") attempt.lingers = *parse_duration(text);
  if (action == "wait_for") wait_for_file(attempt.task.workspace / text);
  if (action == "say") std::cerr << text << std::endl;
  if (action == "say_mib")
    for (int i = 0; i < std::atoi(text.c_str()) << 10; ++i)
      std::cerr << std::string(1'023, '.') << '\n';
  if (action == "log")
    EventLog(folder / "log.jsonl").info(text, {{"job", json::value(attempt.task.job)}});
  if (action == "die") die(attempt, value);
  if (action == "fail") fail(attempt, value);
  if (action == "fail_unless" &&
      !std::filesystem::exists(attempt.task.workspace / value.find("file").text()))
    fail(attempt, value);
  if (action == "exit") std::exit(std::atoi(text.c_str()));
  if (action == "signal") ::raise(std::atoi(text.c_str()));
  if (action == "signal_once" && attempt.number == 1) ::raise(std::atoi(text.c_str()));
  if (action == "ignore_term") ::signal(SIGTERM, SIG_IGN);
  if (action == "gate") gate(attempt, text == "pass");
  if (action == "gate_file") gate(attempt, std::filesystem::exists(attempt.task.workspace / text));
  if (action == "findings") attempt.result.outcome = TaskOutcome::findings;
  if (action == "findings") attempt.result.findings_error = 1;
  if (action == "source") read_source(attempt, text);
  if (action == "grandchild") leave_grandchild(attempt, text);
  if (action == "unbalanced") attempt.result.ledger = {{"balances", false}};
  if (action == "unbalanced_unless" && !std::filesystem::exists(attempt.task.workspace / text))
    attempt.result.ledger = {{"balances", false}};
  if (action == "ledger") attempt.result.ledger = {{"balances", true}, {"note", text}};
  if (action == "wrong_epoch") attempt.result.epoch.nonce = std::string(32, 'f');
  if (action == "stray_output") stage(attempt, text, false, "stray");
  if (action == "broken_result") {
    write_file_durably(folder / "result.json", "{\"format\": 1, \"attempt\":");
    std::exit(0);
  }
  if (action == "foreign_format") {
    write_file_durably(folder / "result.json", "{\"format\": 99}");
    std::exit(0);
  }
  if (action == "killed_after_result") {
    stage_all(attempt);
    write_result(attempt);
    ::raise(SIGKILL);
  }
}

/// One partition a line of <workspace>/partitions.
[[noreturn]] void list_partitions(Attempt& attempt) {
  json::array values;
  for (const std::string& line : split(read_file(attempt.task.workspace / "partitions"), '\n'))
    if (!line.empty()) values.emplace_back(line);
  attempt.result.answer = std::move(values);
  finish(attempt);
}

void run_job(Attempt& attempt) {
  const std::string folder = attempt.task.folder.filename().string();
  attempt.number = std::atoi(folder.substr(folder.rfind('.') + 1).c_str());
  leave_mark(attempt.task);
  if (attempt.task.type == kPartitionListType) list_partitions(attempt);
  const YamlNode actions = attempt.spec.find("do");
  for (std::size_t i = 0; actions && i < actions.size(); ++i)
    do_one(attempt, std::string(actions[i].key(0).text()), actions[i][0]);
  stage_all(attempt);
  finish(attempt);
}

/// Queries: {"query": "echo", ...} answers its own spec; "die" ends without an answer.
void run_query(Attempt& attempt) {
  const json::object& spec = attempt.task.spec.as_object();
  const std::string query = json_text(spec, "query");
  if (query == "die") {
    std::cerr << "cannot go on" << std::endl;
    std::exit(9);
  }
  if (query == "fail") {
    attempt.result.error_class = ErrorClass::data;
    attempt.result.error = "no such dataset: orders";
    finish(attempt);
  }
  attempt.result.outcome = TaskOutcome::succeeded;
  attempt.result.answer = attempt.task.spec;
  finish(attempt);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  // The protocol: fd 3 is the attempt's lock, and nothing else is open.
  if (::fcntl(3, F_GETFD) < 0 || ::fcntl(4, F_GETFD) >= 0) {
    std::cerr << "fd 3 must be the lock and fd 4 closed" << std::endl;
    return 2;
  }
  Attempt attempt;
  attempt.task = Task::from_json(
      parse_json(read_file(std::filesystem::path(arguments[1]) / "task.json"), "task.json"));
  attempt.result.attempt = attempt.task.attempt;
  attempt.result.epoch = attempt.task.epoch;
  attempt.result.outcome = TaskOutcome::failed;
  if (attempt.task.mode == TaskMode::query) run_query(attempt);
  attempt.result.outcome = TaskOutcome::succeeded;
  const auto document = YamlDocument::from_json(attempt.task.spec);
  attempt.spec = document->root();
  run_job(attempt);
}
