#include "worker/worker.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <new>

#include "core/disk_space.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/log.h"
#include "core/task.h"
#include "worker/confine.h"
#include "worker/job_of_task.h"
#include "worker/modes.h"
#include "worker/rule_difference.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitBadTask = 2;
constexpr int kExitFindings = 3;

#ifdef TALLYMILL_SANITIZED
constexpr bool kIsSanitized = true;  // shadow memory would count as data of ours
#else
constexpr bool kIsSanitized = false;
#endif

/// Heap, stacks and private mappings of this process. Only the soft limit: writing the result of
/// a worker that ran out of memory needs a little more.
void limit_memory(std::int64_t bytes) {
  if (bytes <= 0 || kIsSanitized) return;
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
  limit.rlim_cur = std::min(static_cast<rlim_t>(bytes), limit.rlim_max);
  setrlimit(RLIMIT_DATA, &limit);
}

void lift_memory_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_DATA, &limit);
}

void do_task(const Task& task, EventLog& log, TaskResult& result) {
  switch (task.mode) {
    case TaskMode::run:
      return run_job(task, log, result);
    case TaskMode::bind:
      return bind_jobs(task, log, result);
    case TaskMode::query:
      return answer_query(task, log, result);
  }
}

void fail(TaskResult& result, ErrorClass error_class, std::string error) {
  result.outcome = TaskOutcome::failed;
  result.error_class = error_class;
  result.error = std::move(error);
  // Data of a failed attempt is nobody's; its evidence is kept.
  std::erase_if(result.outputs, [](const TaskOutput& output) { return !output.evidence; });
}

std::string memory_advice(const Task& task) {
  return "\n  the job may use " + size_text(static_cast<std::uint64_t>(task.memory_bytes)) +
         ": its slot's share of 4/5 of the machine; lower 'slots:' in tallymill.yaml, or give the "
         "machine more memory";
}

/// The one place where errors end: every one becomes a class and a text.
void do_task_to_its_end(const Task& task, EventLog& log, TaskResult& result) noexcept {
  try {
    do_task(task, log, result);
  } catch (Error& error) {
    if (task.mode == TaskMode::run)
      error.add_context("running job '" + task.job + "' of graph '" + task.graph + "'");
    const bool memory = error.error_class() == ErrorClass::memory;
    fail(result, error.error_class(), error.what() + (memory ? memory_advice(task) : ""));
  } catch (const std::bad_alloc&) {
    lift_memory_limit();
    fail(result, ErrorClass::memory, "error: out of memory" + memory_advice(task));
  } catch (const fs::filesystem_error& error) {
    const Error problem = file_problem(error);
    fail(result, problem.error_class(), problem.what());
  } catch (const std::exception& error) {
    fail(result, ErrorClass::bug, std::string("error: unexpected: ") + error.what());
  } catch (...) {
    fail(result, ErrorClass::bug, "error: unexpected: something that is no std::exception");
  }
}

/// What nobody will read any more: spilled rows and pipes (DuckDB is not taken down, so nobody else
/// removes them), and of a failed attempt all but its evidence. Before the result is written: on a
/// full disk this makes the room for it.
void sweep(const Task& task, const TaskResult& result) {
  std::error_code ignored;
  fs::remove_all(task.folder / "tmp", ignored);
  if (result.outcome != TaskOutcome::failed) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(task.folder / "staging", ignored))
    if (std::none_of(result.outputs.begin(), result.outputs.end(), [&](const TaskOutput& output) {
          return task.folder / output.folder == entry.path();
        }))
      fs::remove_all(entry.path(), ignored);
}

double cpu_seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void add_metrics(TaskResult& result, std::chrono::steady_clock::time_point start) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  result.metrics["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.metrics["cpu_seconds"] = cpu_seconds(usage.ru_utime) + cpu_seconds(usage.ru_stime);
  result.metrics["peak_bytes"] = static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

void log_end(EventLog& log, const TaskResult& result) {
  const LogFields fields{{"rows_in", result.rows_in},
                         {"rows_out", result.rows_out},
                         {"rows_rejected", result.rows_rejected},
                         {"seconds", result.metrics.at("seconds")}};
  if (result.outcome == TaskOutcome::failed)
    log.error("failed", {{"class", json::value(to_string(result.error_class))},
                         {"error", json::value(result.error)}});
  else
    log.info(result.outcome == TaskOutcome::findings    ? "findings"
             : result.outcome == TaskOutcome::unchanged ? "unchanged"
                                                        : "succeeded",
             fields);
}

/// An answer, or the success of a job that left nothing anywhere: should the machine lose it,
/// asking again costs nothing.
bool can_be_lost(const Task& task, const TaskResult& result) {
  if (task.mode != TaskMode::run) return true;
  if (result.outcome != TaskOutcome::succeeded || !result.outputs.empty()) return false;
  const auto document = YamlDocument::from_json(task.spec);
  return !has_outside_effect(job_spec(task, document->root()));
}

/// Whole or not at all; unless it can be lost, also across a power failure.
void try_to_write(const Task& task, const TaskResult& result) {
  const fs::path file = task.folder / "result.json";
  const std::string text = json::serialize(result.to_json()) + "\n";
  if (!can_be_lost(task, result)) return write_file_durably(file, text);
  const fs::path unfinished = task.folder / "result.json.unfinished";
  fs::remove(unfinished);
  write_all(open_for_appending(unfinished), text, unfinished);
  fs::rename(unfinished, file);
}

/// A result there is no room for becomes a failure, for which all that was staged makes way.
void write_result(const Task& task, TaskResult& result) {
  try {
    try_to_write(task, result);
  } catch (const Error& error) {
    fail(result, error.error_class(), error.what());
    result.outputs.clear();
    sweep(task, result);
    try_to_write(task, result);
  }
}

int exit_code(const TaskResult& result) {
  if (result.outcome == TaskOutcome::failed) return kExitFailed;
  return result.outcome == TaskOutcome::findings ? kExitFindings : kExitDone;
}

}  // namespace

int run_worker(const fs::path& folder) {
  Task task;
  try {
    const fs::path file = folder / kTaskFile;
    task = Task::from_json(parse_json(read_file(file), file.string()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kExitBadTask;
  }
  const auto start = std::chrono::steady_clock::now();
  EventLog log(task.folder / "log.jsonl");
  log.info("started", {{"graph", json::value(task.graph)},
                       {"job", json::value(task.job)},
                       {"type", json::value(task.type)},
                       {"period", json::value(task.period)},
                       {"attempt", json::value(task.attempt)}});
  limit_memory(task.memory_bytes);
  if (!kIsSanitized) forbid_programs();  // a sanitizer starts one to name lines
  TaskResult result;
  result.attempt = task.attempt;
  result.epoch = task.epoch;
  do_task_to_its_end(task, log, result);
  lift_memory_limit();
  add_metrics(result, start);
  sweep(task, result);
  log_end(log, result);
  write_result(task, result);
  if (result.outcome == TaskOutcome::succeeded || result.outcome == TaskOutcome::findings) {
    limit_memory(task.memory_bytes);
    look_in_shadow(task, log);
  }
  return exit_code(result);
}

}  // namespace tallymill
