#include <unistd.h>

#include <fstream>
#include <thread>

#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "core/task.h"
#include "core/text.h"
#include "scheduler/output_file.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr auto kBetweenLooks = std::chrono::milliseconds(100);

/// Prints what was added to a file since the last look, whole lines only.
class LogTail {
 public:
  LogTail(fs::path file, bool raw, std::ostream& out)
      : file_(std::move(file)), raw_(raw), out_(out) {}

  void print_new() {
    std::ifstream in(file_, std::ios::binary);
    if (!in.seekg(offset_)) return;
    std::string line;
    while (std::getline(in, line) && !in.eof()) {
      offset_ += static_cast<std::streamoff>(line.size()) + 1;
      out_ << (raw_ ? line : format_log_line(line)) << '\n';
    }
    out_.flush();
  }

 private:
  fs::path file_;
  bool raw_;
  std::ostream& out_;
  std::streamoff offset_ = 0;
};

void print_text(const fs::path& file, const std::string& title, std::ostream& out) {
  const OutputText text = read_output(file);
  if (text.head.empty()) return;
  out << title << '\n' << trim(text.head) << '\n';
  if (text.left_out > 0)
    out << "... " << group_digits(static_cast<std::int64_t>(text.left_out))
        << " bytes were left out here ...\n"
        << trim(text.tail) << '\n';
}

class LogReader {
 public:
  LogReader(const Invocation& invocation, const Workspace& workspace, StoreView store)
      : invocation_(invocation),
        state_(workspace.state),
        store_(std::move(store)),
        run_(store_.find_run(invocation.text("RUN"))),
        job_(job_run_of(invocation)) {}

  Exit print() {
    const JobRunRecord job = job_run();
    std::vector<AttemptRecord> attempts = store_.attempts(run_.id, job_);
    if (attempts.empty() && !invocation_.has("follow")) return nothing_yet(job);
    if (invocation_.has("attempt")) return print_one(chosen(attempts));
    if (!invocation_.has("follow")) return print_one(attempts.back());
    return follow();
  }

 private:
  JobRunRecord job_run() { return find_job_run(store_, run_, job_); }

  Exit nothing_yet(const JobRunRecord& job) {
    if (invocation_.json()) return Exit::ok;  // no line is a log without events
    invocation_.out() << "no attempt of " << job_ << " in " << run_.id << ": "
                      << to_string(job.state) << (job.reason.empty() ? "" : " (" + job.reason + ")")
                      << "\n";
    return Exit::ok;
  }

  AttemptRecord chosen(const std::vector<AttemptRecord>& attempts) {
    const std::int64_t number = invocation_.integer("attempt", 1, 1);
    for (const AttemptRecord& attempt : attempts)
      if (attempt.number == number) return attempt;
    throw Error(ErrorClass::config, job_ + " has " + std::to_string(attempts.size()) +
                                        (attempts.size() == 1 ? " attempt in " : " attempts in ") +
                                        run_.id + ", not " + std::to_string(number));
  }

  fs::path folder_of(const AttemptRecord& attempt) const {
    return state_.attempt(attempt.run, attempt.job, attempt.number);
  }

  void print_heading(const AttemptRecord& attempt) {
    if (invocation_.json()) return;
    invocation_.out() << attempt.job << " in " << attempt.run << ", attempt " << attempt.number
                      << ": "
                      << (attempt.state == AttemptState::starting ? "running"
                                                                  : to_string(attempt.state))
                      << "\n";
  }

  /// What the process itself wrote, and how it ended.
  void print_end(const AttemptRecord& attempt) {
    if (invocation_.json()) return;
    print_text(folder_of(attempt) / "stdout", "stdout:", invocation_.out());
    print_text(folder_of(attempt) / "stderr", "stderr:", invocation_.out());
    if (!attempt.error.empty())
      invocation_.out() << attempt.error_class << ": " << without_prefix(attempt.error) << "\n";
  }

  Exit print_one(const AttemptRecord& attempt) {
    print_heading(attempt);
    LogTail(folder_of(attempt) / "log.jsonl", invocation_.json(), invocation_.out()).print_new();
    print_end(attempt);
    return Exit::ok;
  }

  /// From the newest attempt on, until the job has ended in this run or nobody works on it.
  Exit follow() {
    int last = 0;
    for (;;) {
      // Asked before the store is read: whoever ends in between has written its end.
      const bool at_work = FileLock::is_held(state_.lock());
      const JobRunRecord job = job_run();
      const std::vector<AttemptRecord> attempts = store_.attempts(run_.id, job_);
      if (!attempts.empty() && attempts.back().number > last) {
        last = attempts.back().number;
        follow_one(attempts.back());
        continue;
      }
      if (is_final(job.state)) return last == 0 ? nothing_yet(job) : Exit::ok;
      if (!at_work) return nobody_works();
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  Exit nobody_works() {
    if (!invocation_.json())
      invocation_.out() << "nobody works on " << run_.id << " any more; to go on: tallymill run "
                        << run_.graph << " --period " << run_.period << "\n";
    return Exit::ok;
  }

  /// Until the attempt has ended; of one that was left behind, until its worker has.
  void follow_one(AttemptRecord attempt) {
    print_heading(attempt);
    LogTail tail(folder_of(attempt) / "log.jsonl", invocation_.json(), invocation_.out());
    while (attempt.state == AttemptState::starting) {
      const bool alive =
          FileLock::is_held(state_.lock()) || FileLock::is_held(folder_of(attempt) / kTaskFile);
      tail.print_new();
      if (!alive) return;
      std::this_thread::sleep_for(kBetweenLooks);
      for (const AttemptRecord& now : store_.attempts(run_.id, job_))
        if (now.number == attempt.number) attempt = now;
    }
    tail.print_new();
    print_end(attempt);
  }

  const Invocation& invocation_;
  StateFolder state_;
  StoreView store_;
  RunRecord run_;
  std::string job_;
};

Exit run_logs(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (const auto exit = read_through_scheduler(invocation, workspace)) return *exit;
  return LogReader(invocation, workspace, open_store(workspace)).print();
}

}  // namespace

void register_logs(Registry<Command>& commands) {
  commands.add({
      .name = "logs",
      .summary = "Prints what the newest attempt of a job logged.",
      .example = "tallymill logs cost_attribution clean_cost --follow",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."},
                    {"JOB", "A job of the run."}},
      .flags = {{.name = "follow",
                 .summary = "Go on as the job does, until it has ended.",
                 .letter = 'f'},
                {.name = "attempt", .value = "N", .summary = "This attempt, not the newest."},
                partition_flag("Of this partition; JOB may also be job[value]."),
                json_flag()},
      .run = run_logs,
  });
}

}  // namespace tallymill
