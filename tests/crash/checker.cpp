#include "tests/crash/checker.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "core/digest.h"
#include "core/json.h"
#include "tests/crash/sql_file.h"

namespace tallymill::crash {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Tried with a descriptor of our own: held means that a process lives that should not.
bool is_locked(const fs::path& file) {
  const int lock = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  const bool held = ::flock(lock, LOCK_EX | LOCK_NB) != 0;
  ::close(lock);
  return held;
}

bool may_be_written(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) != 0 || (status.st_mode & 0222U) != 0;
}

std::string joined(const SqlFile::Row& row) {
  std::string text;
  for (const std::string& cell : row) text += (text.empty() ? "" : " ") + cell;
  return text;
}

class Checker {
 public:
  explicit Checker(const fs::path& state) : state_(state), store_(state / "store.db") {}

  std::vector<std::string> take() { return std::move(problems_); }

  bool has_events() const {
    return has("select 1 from sqlite_master where name = 'event'") && has("select 1 from event");
  }

  void check_torn(const std::vector<std::string>& acknowledged) {
    for (const auto& row : store_.rows("pragma quick_check"))
      if (row[0] != "ok") problem("the store file is damaged: " + row[0]);
    check_chain();
    for (const std::string& run : acknowledged)
      if (!has("select 1 from run where id = '" + run + "'"))
        problem("run " + run + " was told to somebody, and the store does not know it");
    none(
        "select dataset, period, partition from version where visible = 1"
        " group by 1, 2, 3 having count(*) > 1",
        "two visible versions of");
    none(
        "select graph, job, period, partition from job_run where is_open = 1"
        " group by 1, 2, 3, 4 having count(*) > 1",
        "two open job runs of");
    check_visible_folders();
  }

  void check_settled(const Expectation& expected) {
    check_nothing_open();
    check_once();
    check_folders();
    check_locks();
    check_winners();
    check_expected(expected);
    if (expected.tells) check_told();
  }

 private:
  void problem(const std::string& text) { problems_.push_back(text); }
  bool has(const std::string& sql) const { return !store_.rows(sql).empty(); }
  void none(const std::string& sql, const std::string& what) {
    for (const auto& row : store_.rows(sql)) problem(what + " " + joined(row));
  }

  /// The hash of an event as docs/store.md says it: SHA-256 over its fields, each behind its
  /// length.
  void check_chain() {
    long long number = 0;
    std::string before;
    for (const auto& row :
         store_.rows("select number, at, who, kind, run, job, why, body, previous, hash"
                     " from event order by number")) {
      if (row[0] != std::to_string(++number))
        return problem("event " + std::to_string(number) + " is missing");
      if (row[8] != before) return problem("event " + row[0] + " does not follow the one before");
      std::string bytes;
      for (std::size_t i = 0; i < 9; ++i) {
        for (unsigned shift = 0; shift < 64; shift += 8)
          bytes += static_cast<char>(static_cast<unsigned char>(row[i].size() >> shift));
        bytes += row[i];
      }
      before = sha256_hex(bytes);
      if (row[9] != before) return problem("event " + row[0] + " was changed");
    }
  }

  fs::path folder_of(const std::string& dataset, const std::string& period,
                     const std::string& partition, const std::string& version) const {
    return state_ / "datasets" / dataset / period / (partition.empty() ? "_" : partition) / version;
  }

  /// A visible version stands on disk, whole, and is what its digest says.
  void check_visible_folders() {
    for (const auto& row : store_.rows("select dataset, period, partition, id, digest from version"
                                       " where visible = 1")) {
      const fs::path folder = folder_of(row[0], row[1], row[2], row[3]);
      const fs::path data = folder / "data.txt";
      if (!fs::exists(data) || !fs::exists(folder / "manifest.json"))
        problem("visible version " + joined(row) + " is not on disk");
      else if ("v1:" + sha256_hex(content_of(data)).substr(0, 16) != row[4])
        problem("visible version " + joined(row) + " has other content");
      else if (may_be_written(data) || may_be_written(folder))
        problem("visible version " + joined(row) + " is not protected");
    }
  }

  void check_nothing_open() {
    none("select id, state from run where state <> 'ended'", "open run");
    none(
        "select run, job, state from job_run where is_open <> 0 or state not in"
        " ('succeeded', 'failed', 'skipped', 'cancelled', 'up_to_date')",
        "unfinished job run");
    none("select id from attempt where state not in ('succeeded', 'failed', 'lost', 'cancelled')",
         "open attempt");
    none(
        "select r.id from run r where (select count(*) from event e where e.run = r.id"
        " and e.kind = 'run_started') <> 1",
        "not exactly one start of run");
    none(
        "select r.id from run r where (select count(*) from event e where e.run = r.id"
        " and e.kind = 'run_ended') <> 1",
        "not exactly one end of run");
  }

  void check_once() {
    none(
        "select run, job, partition from attempt where state = 'succeeded' group by 1, 2, 3"
        " having count(*) > 1",
        "done twice in a run:");
    none(
        "select run, job, partition from attempt group by 1, 2, 3"
        " having count(*) <> max(number) or min(number) <> 1",
        "attempts with gaps in their numbers:");
    none(
        "select j.run, j.job from job_run j where j.state = 'succeeded' and not exists (select 1"
        " from attempt a where a.run = j.run and a.job = j.job and a.partition = j.partition"
        " and a.state = 'succeeded') and not exists (select 1 from event e where e.run = j.run"
        " and e.job = j.job || case j.partition when '' then '' else '[' || j.partition || ']' end"
        " and e.kind in ('job_approved', 'job_marked'))",
        "succeeded without an attempt or a word that it did:");
    none(
        "select dataset, id from version v where not exists (select 1 from attempt a"
        " where a.id = v.id and a.state = 'succeeded' and a.epoch < v.event)",
        "published by no successful attempt:");
    none(
        "select dataset, period from version group by 1, 2, partition"
        " having sum(visible) <> 1",
        "not exactly one visible version of");
    none(
        "select run, dataset, version from pin p where not exists (select 1 from version v"
        " where v.dataset = p.dataset and v.id = p.version and v.digest = p.digest)",
        "pinned a version that never was:");
    none(
        "select job, dataset, version from result_input i where not exists (select 1 from version v"
        " where v.dataset = i.dataset and v.id = i.version and v.digest = i.digest)",
        "read a version that never was:");
    none(
        "select r.graph, r.job, r.attempt from result r where not exists (select 1 from attempt a"
        " where a.id = r.attempt and a.state = 'succeeded')",
        "result of no successful attempt:");
    none(
        "select dataset, id from version where row_count <> 3 or amounts <> "
        "'{\"amount\":\"3.50\"}'",
        "wrong counts of version");
    for (const auto& row : store_.rows("select graph, job, ledger from result"))
      if (row[2].find("\"balances\":true") == std::string::npos)
        problem("visible result of " + row[0] + " " + row[1] +
                " whose books do not close: " + row[2]);
  }

  /// The folders on disk are those of the versions in the store, no more and no less.
  void check_folders() {
    std::set<std::string> known;
    for (const auto& row : store_.rows("select dataset, period, partition, id from version"))
      known.insert(folder_of(row[0], row[1], row[2], row[3]).string());
    for (const auto& entry : fs::recursive_directory_iterator(state_ / "datasets"))
      if (entry.path().filename() == "data.txt" &&
          known.erase(entry.path().parent_path().string()) == 0)
        problem("orphan on disk: " + entry.path().parent_path().string());
    for (const std::string& folder : known) problem("no folder " + folder);
  }

  void check_locks() {
    if (is_locked(state_ / "lock")) problem("the state's lock is still held");
    for (const auto& run : fs::directory_iterator(state_ / "attempts"))
      for (const auto& entry : fs::recursive_directory_iterator(run.path()))
        if (entry.path().filename() == "task.json" && is_locked(entry.path()))
          problem("held by a process that should be gone: " + entry.path().string());
  }

  /// The attempt that made a visible result left a result.json of exactly its epoch, and nothing
  /// staged.
  void check_winners() {
    for (const auto& row : store_.rows(
             "select a.run, a.job || case a.partition when '' then '' else '@' || a.partition end,"
             " a.number, a.id, a.epoch, a.nonce from result r join attempt a on a.id = "
             "r.attempt")) {
      const fs::path folder = state_ / "attempts" / row[0] / (row[1] + "." + row[2]);
      try {
        const json::object result =
            parse_json(content_of(folder / "result.json"), "result.json").as_object();
        const json::object& epoch = result.at("epoch").as_object();
        if (json_text(result, "attempt") != row[3] ||
            std::to_string(epoch.at("number").to_number<long long>()) != row[4] ||
            json_text(epoch, "nonce") != row[5])
          problem("result.json of another epoch: " + folder.string());
      } catch (const std::exception& error) {
        problem("no result.json in " + folder.string() + ": " + error.what());
      }
      if (fs::exists(folder / "staging") && !fs::is_empty(folder / "staging"))
        problem("left over: " + (folder / "staging").string());
    }
  }

  void check_expected(const Expectation& expected) {
    std::map<std::string, std::string> visible;
    for (const auto& row :
         store_.rows("select dataset, digest, job, partition from version where visible = 1")) {
      const std::string dataset = name_of(row[0], row[3]);
      visible[dataset] = row[1];
      const auto maker = expected.makers.find(dataset);
      if (maker != expected.makers.end() && maker->second != row[2])
        problem(dataset + " was made by " + row[2] + ", not by " + maker->second);
    }
    for (const auto& [dataset, digest] : expected.visible)
      if (visible[dataset] != digest)
        problem("dataset " + dataset + " is " + visible[dataset] + ", not " + digest);
    for (const auto& [dataset, digest] : visible)
      if (!expected.visible.contains(dataset)) problem("dataset " + dataset + " should not be");
    std::set<std::string> results;
    for (const auto& row : store_.rows("select graph, job, partition from result"))
      results.insert(row[0] + " " + name_of(row[1], row[2]));
    for (const auto& [graph, jobs] : expected.results)
      for (const std::string& job : jobs)
        if (results.erase(graph + " " + job) == 0) problem("no result of " + graph + " " + job);
    for (const std::string& result : results) problem("unexpected result of " + result);
    for (const auto& [graph, fates] : expected.fates) check_fates(graph, fates);
  }

  void check_fates(const std::string& graph, const std::map<std::string, Fate>& fates) {
    for (const auto& row : store_.rows(
             "select j.job, j.partition, j.state, j.reason from job_run j where j.run = (select id"
             " from run where graph = '" +
             graph + "' order by event desc limit 1)")) {
      const std::string job = name_of(row[0], row[1]);
      const auto fate = fates.find(job);
      if (fate == fates.end()) {
        problem("nobody has asked for job " + graph + " " + job);
        continue;
      }
      const bool is_good = row[2] == "succeeded" || row[2] == "up_to_date";
      const bool is_blocked = row[2] == "cancelled" && row[3].starts_with("blocked: ");
      const Fate is = is_good               ? Fate::good
                      : is_blocked          ? Fate::blocked
                      : row[2] == "skipped" ? Fate::skipped
                                            : Fate::failed;
      if (is != fate->second || (is == Fate::failed && row[2] != "failed"))
        problem("job " + graph + " " + job + " " + row[2] + " " + row[3] + " should be " +
                word_of(fate->second));
    }
  }

  static std::string word_of(Fate fate) {
    switch (fate) {
      case Fate::good:
        return "good";
      case Fate::failed:
        return "failed";
      case Fate::blocked:
        return "blocked";
      case Fate::skipped:
        break;
    }
    return "skipped";
  }

  /// What docs/notify.md says people are told, from what the runs came to; never from the outbox.
  std::set<std::string> news() const {
    std::set<std::string> news;
    const auto add = [&](const std::string& kind, const std::string& sql) {
      for (const auto& row : store_.rows(sql)) news.insert(kind + " " + row[0]);
    };
    add("failed",
        "select run from event where kind = 'attempt_ended'"
        " and body like '%\"job_state\":\"failed\"%'");
    add("blocked", "select run from event where kind = 'job_cancelled' and why like 'blocked: %'");
    add("blocked",
        "select run from event where kind = 'attempt_ended' and body like '%\"passed\":false%'");
    add("findings", "select run from attempt where findings_error > 0");
    add("finished",
        "select id from run where verdict in ('ok', 'findings', 'failed', 'interrupted')");
    std::set<std::string> bad;  // graph and period
    for (const auto& row : store_.rows(
             "select r.graph || ' ' || r.period, r.verdict, r.id, exists (select 1 from job_run j"
             " where j.run = r.id and j.state = 'failed') from run r order by r.event")) {
      if (row[1] == "ok" || row[1] == "findings") {
        if (bad.erase(row[0]) > 0) news.insert("recovered " + row[2]);
      } else if (row[1] == "failed" || row[3] == "1") {
        bad.insert(row[0]);
      }
    }
    return news;
  }

  /// Every (run, kind) has been told at least once, by one id, and nothing else.
  void check_told() {
    none("select run, kind, state, error from notification where state <> 'delivered'",
         "not delivered:");
    std::map<std::string, std::string> told;  // kind and run -> id
    std::ifstream lines(state_.parent_path() / "told");
    for (std::string id, kind, run; lines >> id >> kind >> run;) {
      const auto [at, is_new] = told.try_emplace(kind + " " + run, id);
      if (!is_new && at->second != id) problem("told twice, by two ids: " + at->first);
    }
    std::set<std::string> due = news();
    // What a person says of a job changes what had failed when: then nobody reckons it again.
    if (has("select 1 from event where kind in ('job_marked', 'job_rejected')")) {
      const auto is_recovery = [](const auto& item) { return item.starts_with("recovered "); };
      std::erase_if(due, is_recovery);
      std::erase_if(told, [&](const auto& entry) { return is_recovery(entry.first); });
    }
    for (const std::string& item : due)
      if (told.erase(item) == 0) problem("never told: " + item);
    for (const auto& [item, id] : told) problem("told, and it did not happen: " + item);
  }

  fs::path state_;
  SqlFile store_;
  std::vector<std::string> problems_;
};

/// Runs `check`; a store that cannot be read is a problem, too.
template <class Check>
std::vector<std::string> checked(const fs::path& state, Check check) {
  try {
    Checker checker(state);
    check(checker);
    return checker.take();
  } catch (const std::exception& error) {
    return {std::string("cannot check: ") + error.what()};
  }
}

}  // namespace

std::vector<std::string> check_torn(const fs::path& state,
                                    const std::vector<std::string>& acknowledged) {
  if (!fs::exists(state / "store.db")) {
    // Killed before the store was made: then nothing can have been told.
    if (acknowledged.empty()) return {};
    return {"there is no store, and run " + acknowledged.front() + " was told to somebody"};
  }
  return checked(state, [&](Checker& checker) {
    // Killed while the store was being made: the next start makes it again.
    if (acknowledged.empty() && !checker.has_events()) return;
    checker.check_torn(acknowledged);
  });
}

std::vector<std::string> check_settled(const fs::path& state,
                                       const std::vector<std::string>& acknowledged,
                                       const Expectation& expected) {
  return checked(state, [&](Checker& checker) {
    checker.check_torn(acknowledged);
    checker.check_settled(expected);
  });
}

}  // namespace tallymill::crash
