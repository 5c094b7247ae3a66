#include "scheduler/notify/announce.h"

#include <doctest/doctest.h>

#include "scheduler/live_run.h"
#include "scheduler/notify/outbox.h"
#include "scheduler/store.h"
#include "tests/scheduler/fixtures.h"

using namespace tallymill;

namespace {

/// A store in which run g.2026-01.1 has been started, and an announcer that listens to everything.
class Journal {
 public:
  Journal() : store_(folder_ / "store.db", "tester") {
    Workspace workspace;
    workspace.name = "books";
    workspace.channels["ops"] = {.name = "ops", .type = "command", .spec = {}};
    for (const NotificationKind kind : kNotificationKinds) workspace.notify[kind] = {"ops"};
    store_.set_follow_up(
        [this,
         announcer = Announcer([shared = std::make_shared<const Workspace>(std::move(workspace))] {
           return shared;
         })](const StoredEvent& cause) { return announcer.follow_up(cause, store_.view()); });
    start(1);
  }

  void start(int number) {
    RunStarted change;
    change.run = "g.2026-01." + std::to_string(number);
    change.graph = "g";
    change.period = "2026-01";
    change.number = number;
    change.jobs = {"a", "b"};
    store_.append(to_event(change));
  }
  void end(int number, const std::string& verdict) {
    const std::string run = "g.2026-01." + std::to_string(number);
    for (const JobRunRecord& job : store_.view().job_runs(run))
      if (!is_final(job.state))
        store_.append(to_event(JobCancelled{run, job.job, job.state, "given_up"}));
    store_.append(to_event(RunEnded{run, "", verdict}));
  }
  Store& store() { return store_; }
  /// "kind: sentence" of everything in the outbox.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const NotificationRecord& record : notifications(store_.view(), 100))
      lines.push_back(record.kind + ": " +
                      std::string(parse_json(record.message, "it").at("text").as_string()));
    return lines;
  }

 private:
  ScratchFolder folder_;
  Store store_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("announce: what blocks a job is told once per run") {
  Journal journal;
  for (const char* job : {"a", "b"})
    journal.store().append(
        to_event(JobCancelled{"g.2026-01.1", job, JobRunState::waiting,
                              std::string(kBlockedReason) + "behind x (failed)"}));
  CHECK(journal.told() ==
        Lines{"blocked: job a of run g.2026-01.1 could not start: behind x (failed)"});
}

TEST_CASE("announce: a run that was given up or taken over has no end to tell of") {
  Journal journal;
  journal.end(1, "given_up");
  CHECK(journal.told().empty());
}

TEST_CASE("announce: a run has recovered only if something had failed since the last good end") {
  Journal journal;
  journal.end(1, "ok");
  CHECK(journal.told() == Lines{"finished: run g.2026-01.1 ended: ok"});
  journal.start(2);
  journal.end(2, "failed");
  journal.start(3);
  journal.end(3, "findings");
  CHECK(journal.told().back() ==
        "recovered: run g.2026-01.3 ended well, after one that had failed");
  journal.start(4);
  journal.end(4, "ok");
  CHECK(journal.told().back() == "finished: run g.2026-01.4 ended: ok");
}

TEST_CASE("announce: the message is committed with its event, or neither is") {
  Journal journal;
  journal.store().commit();
  const std::int64_t before = journal.store().committed_head().number;
  journal.end(1, "ok");
  CHECK(journal.told().size() == 1);
  CHECK(journal.store().committed_head().number == before);
  journal.store().commit();
  CHECK(journal.store().committed_head().number == journal.store().head().number);
}

TEST_CASE("announce: the outbox is a function of the journal") {
  const ScratchFolder copies;
  Journal journal;
  journal.end(1, "failed");
  const auto pending = pending_notifications(journal.store().view());
  REQUIRE(pending.size() == 1);
  journal.store().append(to_event(pending[0], {false, true, "nobody answered"}));
  journal.store().commit();
  CHECK(pending_notifications(journal.store().view())[0].error == "nobody answered");
  CHECK(replay_difference(journal.store().view().database(), copies / "copy.db") == "");
  CHECK(verify_chain(journal.store().view().database()).problem == "");
}
