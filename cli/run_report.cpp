#include "cli/run_report.h"

#include <algorithm>
#include <vector>

#include "cli/run_words.h"
#include "cli/text_table.h"
#include "core/text.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

/// Above this many jobs only those that need attention get a line of their own.
constexpr std::size_t kFullTable = 100;
constexpr std::size_t kMostErrors = 10;

bool needs_attention(const LiveJob& job) {
  return !is_good(job.state) || !job.late.empty() || job.summary.findings_error > 0 ||
         job.summary.gate_passed == false;
}

/// Errors are too long for a column: failures_text() tells them in full.
bool is_told_below(const LiveJob& job) {
  return job.state == JobRunState::failed && !job.summary.error.empty();
}

std::chrono::nanoseconds took(const LiveJob& job) {
  return job.started.count() > 0 && job.ended > job.started ? job.ended - job.started
                                                            : std::chrono::nanoseconds(0);
}

/// Counts say something of jobs that have to do with rows and ran, or whose result is reused.
bool has_counts(const LiveJob& job, const JobShape& shape) {
  if (job.state == JobRunState::failed) return job.summary.rows_in > 0;
  const bool has_rows = !shape.inputs.empty() || !shape.outputs.empty() || job.summary.rows_in > 0;
  return is_good(job.state) && has_rows;
}

std::vector<std::string> row_of(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  const JobSummary& summary = job.summary;
  std::vector<std::string> row{run.node(index).spec.name, state_words(job)};
  if (has_counts(job, run.node(index).shape)) {
    row.push_back(group_digits(summary.rows_in));
    row.push_back(group_digits(summary.rows_out));
    row.push_back(group_digits(summary.rows_rejected));
    row.push_back(amounts_text(summary.amounts));
  } else {
    row.resize(6);
  }
  row.push_back(took(job).count() > 0 ? duration_text(took(job)) : "");
  row.push_back(is_told_below(job) ? job.summary.error_class + " error" : note_of(job));
  return row;
}

/// " rejected 2 rows", " parked 1 pool"
std::string turned_away(const JobShape& shape, const std::string& job, std::int64_t count) {
  const bool parks =
      std::any_of(shape.outputs.begin(), shape.outputs.end(),
                  [&](const DatasetUse& use) { return use.dataset == job + ".parked"; });
  return (parks ? " parked " : " rejected ") + group_digits(count) + (parks ? " pool" : " row") +
         (count == 1 ? "" : "s");
}

/// "2 checks of sound failed": how many rows did, the dataset shows; of a reconcile, its breaks.
std::string findings_text(const std::string& evidence, const std::string& job,
                          std::int64_t findings) {
  const std::string count = group_digits(findings);
  if (!evidence.ends_with(".failures"))
    return job + " found " + count + (findings == 1 ? " break" : " breaks");
  return count + (findings == 1 ? " check of " : " checks of ") + job + " failed";
}

/// Whether a gate found what keeps its consumers from the dataset, or fails the job as well.
bool has_refused(const LiveJob& job, const JobShape& shape) {
  return job.summary.gate_passed == false ||
         (job.state == JobRunState::failed && !shape.gates.empty() &&
          job.summary.findings_error > 0);
}

/// What shows why a job found what it found: command and reason. A check that judges the dataset as
/// a whole keeps no row: its reason stands with the results of the checks. Of a job that failed
/// nobody has counted the rows.
std::vector<std::pair<std::string, std::string>> findings_steps(const LiveJob& job,
                                                                const std::string& run,
                                                                const std::string& job_arg,
                                                                const std::string& name,
                                                                const std::string& evidence) {
  const std::string why = findings_text(evidence, name, job.summary.findings_error);
  const bool is_check = evidence.ends_with(".failures");
  const std::string report = "tallymill report " + run + " " + job_arg;
  const std::string rejects = "tallymill rejects " + job_arg;
  if (job.state == JobRunState::failed && is_check)
    return {{report, why}, {rejects, "the rows that failed, where its checks judge rows"}};
  if (job.state == JobRunState::failed) return {{rejects, why}};
  if (is_check && job.summary.failing_rows.value_or(0) == 0) return {{report, why}};
  return {{"tallymill show " + evidence, why}};
}

std::string steps_of(const LiveRun& run, JobIndex index) {
  const LiveJob& job = run.job(index);
  const std::string& name = run.node(index).spec.name;
  const std::string& id = run.record().id;
  const JobNode& node = run.node(index);
  const std::string job_arg(split_job_name(name).job);
  const std::string of = node.partition.empty()
                             ? ""
                             : " --partition " + shell_word(node.axis->name + "=" + node.partition);
  std::string text;
  const auto step = [&](const std::string& command, const std::string& why) {
    text += "  " + command + "  # " + why + "\n";
  };
  if (job.held && node.shape.waits_for_person)
    step("tallymill approve " + id + " " + name, name + " waits for approval; or 'reject' it");
  if (job.summary.findings_error > 0 || job.summary.gate_passed == false)
    for (const DatasetUse& use : node.shape.evidence)
      if (use.dataset == job_arg + ".failures" || use.dataset == job_arg + ".breaks")
        for (const auto& [command, why] : findings_steps(job, id, job_arg, name, use.dataset))
          step(command + of, why);
  // Of a gate that refused, the log says no more.
  if (job.state == JobRunState::failed && job.attempts > 0 && !has_refused(job, node.shape))
    step("tallymill logs " + id + " " + job_arg + of, name + " failed");
  if (job.summary.rows_rejected > 0)
    step("tallymill rejects " + job_arg + of,
         name + turned_away(node.shape, job_arg, job.summary.rows_rejected));
  return text;
}

}  // namespace

std::string job_table(const LiveRun& run) {
  TextTable table({{"job"},
                   {"state"},
                   {"rows in", true},
                   {"rows out", true},
                   {"rejected", true},
                   {"amounts"},
                   {"time", true},
                   {"note"}});
  std::size_t left_out = 0;
  for (const JobIndex index : run.graph().order) {
    if (!run.job(index).included) continue;
    if (run.size() > kFullTable && !needs_attention(run.job(index)))
      ++left_out;
    else
      table.add(row_of(run, index));
  }
  std::string text = table.empty() ? "" : table.text();
  if (left_out > 0)
    text += "  " + group_digits(static_cast<std::int64_t>(left_out)) + " jobs are well, " +
            group_digits(static_cast<std::int64_t>(run.count(JobRunState::up_to_date))) +
            " of them up to date\n";
  return text;
}

std::string failures_text(const LiveRun& run) {
  std::string text;
  std::size_t more = 0;
  std::size_t told = 0;
  for (const JobIndex index : run.graph().order) {
    const LiveJob& job = run.job(index);
    if (!job.included || !is_told_below(job)) continue;
    if (told++ >= kMostErrors) {
      ++more;
      continue;
    }
    text += "\n" + run.node(index).spec.name + " failed (" + job.summary.error_class +
            (job.attempts > 1 ? ", " + std::to_string(job.attempts) + " tries" : "") + "):\n";
    for (const std::string& line : split(without_prefix(job.summary.error), '\n'))
      text += "  " + line + "\n";
  }
  if (more > 0)
    text += "\n" + group_digits(static_cast<std::int64_t>(more)) +
            " more jobs failed; 'tallymill status " + run.record().id +
            " --json' has their errors\n";
  return text;
}

std::string next_steps(const LiveRun& run) {
  std::string steps;
  bool refused = false;
  bool repeatable = false;
  bool waits = false;
  for (const JobIndex index : run.graph().order) {
    const LiveJob& job = run.job(index);
    if (!job.included) continue;
    steps += steps_of(run, index);
    const bool is_repeatable =
        job.state == JobRunState::failed || job.state == JobRunState::cancelled;
    const bool is_refused = has_refused(job, run.node(index).shape);
    refused = refused || is_refused;
    repeatable = repeatable || (is_repeatable && !is_refused && !job.blocked);
    waits = waits || (job.held && !run.node(index).shape.waits_for_person);
  }
  const std::string& id = run.record().id;
  const std::string again =
      "  tallymill run " + run.record().graph + " --period " + run.record().period;
  const std::string rerun = "  tallymill rerun " + id + " --failed";
  if (refused) steps += again + "  # after mending the data: what has changed is read anew\n";
  if (repeatable)
    steps += rerun + "  # after mending\n";
  else if (refused)
    steps += rerun + "  # after mending the checks: the same data is judged again\n";
  if (waits) steps += again + "  # when the input is there: the run goes on\n";
  return steps.empty() ? "" : "\nnext:\n" + steps;
}

std::string run_report(const LiveRun& run, RunVerdict verdict, std::chrono::nanoseconds time) {
  const RunRecord& record = run.record();
  return record.graph + " " + record.period + ", run " + record.id + ": " + sentence_of(verdict) +
         " in " + duration_text(time) + "\n" + job_table(run) + failures_text(run) +
         next_steps(run);
}

namespace {

json::array late_json(const LiveJob& job) {
  json::array late;
  for (const auto& [dataset, deadline] : job.late)
    late.push_back(json::object{{"dataset", dataset}, {"deadline", deadline}});
  return late;
}

}  // namespace

json::object run_json(const LiveRun& run, RunVerdict verdict) {
  json::array jobs;
  for (const JobIndex index : run.graph().order) {
    const LiveJob& job = run.job(index);
    if (!job.included) continue;
    const JobSummary& summary = job.summary;
    json::object amounts;
    for (const auto& [column, sum] : summary.amounts) amounts.emplace(column, sum);
    json::object entry{{"job", run.node(index).spec.name},
                       {"type", run.node(index).spec.type},
                       {"state", json::string(to_string(job.state))},
                       {"blocked", job.blocked},
                       {"reason", job.reason},
                       {"cause", job.cause},
                       {"late", late_json(job)},
                       {"attempts", job.attempts},
                       {"rows_in", summary.rows_in},
                       {"rows_out", summary.rows_out},
                       {"rows_rejected", summary.rows_rejected},
                       {"amounts", std::move(amounts)},
                       {"findings_error", summary.findings_error},
                       {"findings_warn", summary.findings_warn},
                       {"gate_passed", nullptr},
                       {"error_class", summary.error_class},
                       {"error", summary.error},
                       {"took_ms", took(job).count() / 1'000'000}};
    if (summary.gate_passed) entry["gate_passed"] = *summary.gate_passed;
    if (const std::string& partition = run.node(index).partition; !partition.empty())
      entry["partition"] = partition;
    jobs.push_back(std::move(entry));
  }
  const RunRecord& record = run.record();
  return {{"run", record.id},
          {"graph", record.graph},
          {"period", record.period},
          {"of", record.of},
          {"verdict", json::string(to_string(verdict))},
          {"exit", static_cast<int>(exit_of(verdict))},
          {"jobs", std::move(jobs)}};
}

}  // namespace tallymill
