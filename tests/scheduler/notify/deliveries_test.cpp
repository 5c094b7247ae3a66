#include "scheduler/notify/deliveries.h"

#include <doctest/doctest.h>

#include <set>

#include "core/text.h"
#include "scheduler/notify/outbox.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/servers/sink.h"

using namespace tallymill;

namespace {

constexpr const char* kFails =
    "  raw: { type: test, outputs: { raw: x }, do: [fail: { class: data, message: bad }] }\n"
    "  clean: { type: test, reads: [raw], outputs: { clean: x } }\n";
constexpr const char* kWell = "  raw: { type: test, outputs: { raw: x } }\n";

/// A workspace that tells everything to a webhook.
class Told : public RunFixture {
 public:
  explicit Told(const std::string& kinds, const std::vector<std::string>& sink_flags = {})
      : sink_(sink_flags) {
    declare(kinds, sink_.url());
  }
  void declare(const std::string& kinds, const std::string& url) {
    write("tallymill.yaml",
          "workspace: test\nslots: 2\nchannels:\n  hook: { type: webhook, url: \"" + url +
              "/hook\", timeout: 2s }\nnotify: { " + kinds + " }\n");
  }
  const Sink& sink() const { return sink_; }

  /// "kind job" of every message the sink has kept.
  std::vector<std::string> heard() const {
    std::vector<std::string> lines;
    for (const json::object& body : bodies())
      lines.push_back(json_text(body, "kind") + " " + json_text(body, "job"));
    return lines;
  }
  std::vector<json::object> bodies() const {
    std::vector<json::object> list;
    for (const std::string& post : sink_.posts())
      list.push_back(parse_json(post.substr(post.find("\r\n\r\n") + 4), "a post").as_object());
    return list;
  }
  std::vector<NotificationRecord> outbox() const {
    StoreView store = view();
    return notifications(store, 100);
  }

 private:
  Sink sink_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("notify: a failure is told once per run, with what to type") {
  Told told("failed: hook, blocked: hook, finished: hook");
  told.graph("g", kFails);
  CHECK(told.run().exit == 1);
  CHECK(told.heard() == Lines{"failed raw", "blocked clean", "finished "});
  CHECK(json_text(told.bodies()[0], "command") == "tallymill rerun g.2026-01.1 --failed");
  CHECK(json_text(told.bodies()[0], "detail") == "bad");
  for (const NotificationRecord& entry : told.outbox())
    CHECK(entry.state == NotificationState::delivered);
}

TEST_CASE("notify: who asked to hear of one kind hears of that kind") {
  Told told("finished: hook");
  told.graph("g", kFails);
  told.run();
  CHECK(told.heard() == Lines{"finished "});
}

TEST_CASE("notify: a graph's own rule replaces the workspace's, also by nobody") {
  Told told("failed: hook, finished: hook");
  told.graph("g", kFails, "notify: { finished: [] }\n");
  told.run();
  CHECK(told.heard() == Lines{"failed raw"});
}

TEST_CASE("notify: a run that ends well after one that failed has recovered, once") {
  Told told("recovered: hook");
  told.graph("g", kFails);
  CHECK(told.run().exit == 1);
  told.graph("g", kWell);
  CHECK(told.run().exit == 0);
  CHECK(told.heard() == Lines{"recovered "});
  CHECK(told.run().exit == 0);
  CHECK(told.heard().size() == 1);
}

TEST_CASE("notify: findings and a refused gate are told when they are known") {
  Told told("findings: hook, blocked: hook");
  told.graph(
      "g",
      "  raw:   { type: test, outputs: { raw: x } }\n"
      "  check: { type: test, reads: [raw], gates: raw, on_fail: block, do: [gate: refuse] }\n"
      "  more:  { type: test, reads: [raw], outputs: { more: x } }\n");
  CHECK(told.run().exit == 3);
  CHECK(told.heard() == Lines{"findings check", "blocked check"});
}

TEST_CASE("notify: a server that is down is asked again later, by whoever holds the lock") {
  Told told("failed: hook", {"--refuse", "1"});
  told.graph("g", kFails);
  told.run();
  CHECK(told.heard().empty());
  const auto waiting = told.outbox();
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].state == NotificationState::pending);
  CHECK(waiting[0].tries == 1);
  CHECK(waiting[0].error == "the server answered 503");
  CHECK(!waiting[0].next_at.empty());
}

TEST_CASE("notify: what the server refuses for good is given up and stays to be seen") {
  Told told("failed: hook", {"--refuse", "1", "--status", "404 Not Found"});
  told.graph("g", kFails);
  told.run();
  REQUIRE(told.outbox().size() == 1);
  CHECK(told.outbox()[0].state == NotificationState::given_up);
}

TEST_CASE("notify: a server that never answers does not keep the run from ending") {
  Told told("failed: hook", {"--hang"});
  told.graph("g", kFails);
  CHECK(told.run().exit == 1);
  CHECK(told.view().run("g.2026-01.1")->state == RunState::ended);
  REQUIRE(told.outbox().size() == 1);
  CHECK(told.outbox()[0].state == NotificationState::pending);
}

TEST_CASE("notify: kill -9 at any point loses no message, and repeats keep its id") {
  for (int crash_at = 2; crash_at < 40; ++crash_at) {
    CAPTURE(crash_at);
    Told told("failed: hook");
    told.graph("g", kFails);
    const ProbeEnd first = told.run("g", {}, crash_at);
    if (first.exit == 1) break;  // it came to its end before the crash point
    // The run goes on, or a new one fails in its turn: every failed run was told of.
    told.run();
    std::set<std::string> runs;
    std::map<std::string, std::string> ids;
    for (const json::object& body : told.bodies()) {
      const std::string run = json_text(body, "run");
      runs.insert(run);
      const auto [known, is_new] = ids.try_emplace(run, json_text(body, "id"));
      CHECK(known->second == json_text(body, "id"));
    }
    for (const RunRecord& run : told.view().runs("g", 10))
      if (run.verdict == "failed") CHECK(runs.contains(run.id));
    for (const NotificationRecord& entry : told.outbox())
      CHECK(entry.state == NotificationState::delivered);
  }
}

TEST_CASE("notify: waiting times grow to an hour and come to an end") {
  CHECK(delivery_backoff(1) == std::chrono::seconds(10));
  CHECK(delivery_backoff(2) == std::chrono::seconds(30));
  CHECK(delivery_backoff(20) == std::chrono::hours(1));
  NotificationRecord record;
  record.tries = kMostDeliveryTries - 1;
  CHECK(to_event(record, {false, true, "down"}).kind == "notification_given_up");
  CHECK(to_event(record, {true, false, ""}).kind == "notification_delivered");
}

TEST_CASE("notify: neither the store nor any file of the state folder holds a secret") {
  ::setenv("HOOK_TOKEN", "t0psecret-value", 1);
  Told told("failed: hook");
  told.write("tallymill.yaml",
             "workspace: test\nslots: 2\nchannels:\n  hook: { type: webhook, url: \"" +
                 told.sink().url() +
                 "\", headers: { Authorization: \"Bearer ${env:HOOK_TOKEN}\" } }\n"
                 "notify: { failed: hook }\n");
  told.graph("g", kFails);
  told.run();
  REQUIRE(told.sink().posts().size() == 1);
  CHECK(has(told.sink().posts()[0], "Authorization: Bearer t0psecret-value\r\n"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(told.state()))
    if (entry.is_regular_file()) {
      INFO(entry.path().string());
      CHECK(!has(read_file(entry.path()), "t0psecret-value"));
    }
  ::unsetenv("HOOK_TOKEN");
}
