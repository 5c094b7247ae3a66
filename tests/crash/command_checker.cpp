// What was answered to commands, against what the journal says.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/json.h"
#include "tests/crash/checker.h"
#include "tests/crash/sql_file.h"

namespace tallymill::crash {
namespace {

std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string word_of(Command::Kind kind) {
  switch (kind) {
    case Command::Kind::run:
      return "run";
    case Command::Kind::rerun:
      return "rerun";
    case Command::Kind::pause:
      return "pause";
    case Command::Kind::resume:
      return "resume";
    case Command::Kind::cancel:
      return "cancel";
    case Command::Kind::approve:
      return "approve";
    case Command::Kind::reject:
      return "reject";
    case Command::Kind::correct:
      return "correction";
    case Command::Kind::mark:
      break;
  }
  return "mark";
}

/// A cancel ends what waits, and stops what runs, whose attempt then ends with the same words.
bool is_of_cancel(const std::string& event) {
  return event == "job_cancelled" || event == "attempt_stopped" || event == "attempt_ended";
}

/// The event that is all of a command; of a cancel there may be many, or none.
std::string event_of(Command::Kind kind) {
  switch (kind) {
    case Command::Kind::run:
    case Command::Kind::rerun:
      return "run_started";
    case Command::Kind::pause:
      return "run_paused";
    case Command::Kind::resume:
      return "run_resumed";
    case Command::Kind::cancel:
      return "job_cancelled";
    case Command::Kind::approve:
      return "job_approved";
    case Command::Kind::reject:
      return "job_rejected";
    case Command::Kind::correct:
      return "rows_corrected";
    case Command::Kind::mark:
      break;
  }
  return "job_marked";
}

std::string quoted_json(const std::string& text) { return "\"" + text + "\""; }

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

class CommandChecker {
 public:
  explicit CommandChecker(const std::filesystem::path& state)
      : state_(state), store_(state / "store.db") {}

  std::vector<std::string> check(const std::vector<Command>& commands) {
    for (const Command& command : commands) check_one(command);
    check_imports();
    check_pauses();
    check_marks();
    check_given_up();
    return std::move(problems_);
  }

  std::vector<std::string> check_read(const std::vector<Command>& commands) {
    for (const Command& command : commands) {
      if (command.kind != Command::Kind::correct || events_of(command).empty()) continue;
      const std::size_t count =
          count_of(corrections_read(command.of, command.job), quoted_json(command.mark));
      if (count != 1)
        problem(command, "happened, and the newest result was made with it " +
                             std::to_string(count) + " times");
    }
    return std::move(problems_);
  }

 private:
  void problem(const Command& command, const std::string& text) {
    problems_.push_back(word_of(command.kind) + " " + command.mark + " of " +
                        (command.run.empty() ? command.of : command.run) + " " + command.job + " " +
                        text);
  }

  /// Events that bear the word of a command: their kind, number and run.
  std::vector<SqlFile::Row> events_of(const Command& command) const {
    return store_.rows("select kind, number, run from event where why like '%" + command.mark +
                       "%' or body like '%\"reason\":\"" + command.mark + "\"%' order by number");
  }

  void check_one(const Command& command) {
    const auto events = events_of(command);
    const auto count = static_cast<long long>(events.size());
    for (const auto& row : events)
      if (command.kind == Command::Kind::cancel ? !is_of_cancel(row[0])
                                                : row[0] != event_of(command.kind))
        problem(command, "made an event " + row[0]);
    if (command.answer == Command::Answer::refused && count != 0)
      problem(command, "was refused and has changed something");
    if (command.kind == Command::Kind::cancel) return check_cancel(command, events);
    const bool is_nothing_new = command.kind == Command::Kind::run && command.goes_on;
    if (command.answer == Command::Answer::acknowledged && count != (is_nothing_new ? 0 : 1))
      problem(command, "was acknowledged and happened " + std::to_string(count) + " times");
    if (count > 1) problem(command, "happened " + std::to_string(count) + " times");
    if (command.answer == Command::Answer::acknowledged && !command.run.empty()) {
      if (count == 1 && events[0][2] != command.run)
        problem(command, "happened to run " + events[0][2]);
      if (store_.rows("select 1 from run where id = " + quoted(command.run)).empty())
        problem(command, "was acknowledged, and there is no such run");
    }
    if (command.kind == Command::Kind::rerun && count == 1 &&
        store_
            .rows("select 1 from run where id = " + quoted(events[0][2]) +
                  " and of_run = " + quoted(command.of))
            .empty())
      problem(command, "repeats another run");
  }

  /// Nothing of what was cancelled starts any more.
  void check_cancel(const Command& command, const std::vector<SqlFile::Row>& events) {
    long long since = command.head;
    if (command.answer != Command::Answer::acknowledged) {
      if (events.empty()) return;
      since = std::stoll(events.front()[1]);
    }
    const std::string of_it = " and run = " + quoted(command.run) +
                              (command.job.empty() ? "" : " and job = " + quoted(command.job));
    for (const auto& row :
         store_.rows("select number, job from event where kind = 'attempt_started' and number > " +
                     std::to_string(since) + of_it))
      problem(command, "was cancelled, and event " + row[0] + " starts " + row[1]);
  }

  void check_pauses() {
    std::string run;
    bool is_paused = false;
    for (const auto& row : store_.rows("select run, kind, number from event where kind in"
                                       " ('run_paused', 'run_resumed', 'attempt_started')"
                                       " order by run, number")) {
      if (row[0] != run) is_paused = false;
      run = row[0];
      if (row[1] != "attempt_started")
        is_paused = row[1] == "run_paused";
      else if (is_paused)
        problems_.push_back("run " + run + " is paused, and event " + row[2] + " starts a job");
    }
  }

  /// What a person has said of a job stands: nothing but another word changes it.
  void check_marks() {
    for (const auto& row : store_.rows(
             "select e.run, e.job, e.kind, l.kind from event e join event l on l.run = e.run"
             " and l.job = e.job and l.number > e.number where e.kind in ('job_marked',"
             " 'job_approved', 'job_rejected') and l.kind not in ('job_marked', 'deadline_missed')"
             " and l.kind not like 'notification_%'"))
      problems_.push_back("after " + row[2] + " of " + row[0] + " " + row[1] + " came " + row[3]);
  }

  /// Who gives a run up wants another one: both, or neither.
  void check_given_up() {
    for (const auto& row : store_.rows(
             "select e.run from event e join run r on r.id = e.run where e.kind = 'run_ended'"
             " and e.why = 'given_up' and not exists (select 1 from run n where n.graph = r.graph"
             " and n.period = r.period and n.event > e.number)"))
      problems_.push_back("run " + row[0] + " was given up for one that never began");
  }

  /// An import is its event and its row, and neither without the other.
  void check_imports() {
    for (const auto& row : store_.rows(
             "select number from event e where kind = 'rows_corrected' and (select count(*) from"
             " correction c where c.event = e.number and c.job = e.job and c.why = e.why) <> 1"))
      problems_.push_back("event " + row[0] + " corrects rows, and the store does not know how");
    for (const auto& row : store_.rows(
             "select event, job from correction where event not in (select number from event where"
             " kind = 'rows_corrected')"))
      problems_.push_back("rows of " + row[1] + " are corrected by event " + row[0] +
                          ", which is none");
  }

  /// What the newest good attempt of a job was told of its rows; in its task they stand under the
  /// name of the job alone.
  std::string corrections_read(const std::string& graph, const std::string& job) const {
    const std::size_t open = job.find('[');
    const std::string base = job.substr(0, open);
    const std::string partition =
        open == std::string::npos ? "" : job.substr(open + 1, job.size() - open - 2);
    const auto newest = store_.rows(
        "select a.run, a.number from attempt a join run r on r.id = a.run where r.graph = " +
        quoted(graph) + " and a.job = " + quoted(base) + " and a.partition = " + quoted(partition) +
        " and a.state = 'succeeded' order by a.epoch desc limit 1");
    if (newest.empty()) return {};
    const std::filesystem::path folder =
        state_ / "attempts" / newest[0][0] /
        (base + (partition.empty() ? "" : "@" + partition) + "." + newest[0][1]);
    const std::string task = content_of(folder / "task.json");
    if (task.empty()) return {};
    const json::value read = json::parse(task);
    const json::value* file =
        read.at("files").as_object().if_contains("corrections/" + base + ".json");
    if (file == nullptr) return {};
    const std::string sha(file->at("sha256").as_string());
    return content_of(state_ / "blobs" / sha.substr(0, 2) / sha);
  }

  std::filesystem::path state_;
  SqlFile store_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_commands(const std::filesystem::path& state,
                                        const std::vector<Command>& commands) {
  // Killed before the store was whole: check_torn() judges that.
  if (!std::filesystem::exists(state / "store.db")) return {};
  try {
    if (SqlFile(state / "store.db")
            .rows("select 1 from sqlite_master where name = 'due_run'")
            .empty())
      return {};
    return CommandChecker(state).check(commands);
  } catch (const std::exception& error) {
    return {std::string("cannot check commands: ") + error.what()};
  }
}

std::vector<std::string> check_corrections_read(const std::filesystem::path& state,
                                                const std::vector<Command>& commands) {
  try {
    return CommandChecker(state).check_read(commands);
  } catch (const std::exception& error) {
    return {std::string("cannot check corrections: ") + error.what()};
  }
}

}  // namespace tallymill::crash
