#include <doctest/doctest.h>

#include "books.h"
#include "tests/servers/sink.h"

using namespace tallymill;

namespace {

/// Books that tell a webhook and a mail server of failures; its source file is missing.
class ToldBooks : public Books {
 public:
  void tell(const std::string& url, const std::string& mail_server) {
    write("tallymill.yaml",
          "workspace: books\nconnectors: { files: { type: files, root: sources } }\nchannels:\n"
          "  hook: { type: webhook, url: \"" +
              url +
              "\", timeout: 5s }\n"
              "  ops: { type: mail, server: \"" +
              mail_server +
              "\", from: books@example.com, to: [ops@example.com], tls: none, timeout: 5s }\n"
              "notify: { failed: [hook, ops] }\n");
  }
  ProgramEnd fail() {
    std::filesystem::remove(root() / "sources/customers-2026-01.csv");
    return run_month();
  }
};

}  // namespace

TEST_CASE("notifications: a failed run is told by mail and webhook, and the outbox says so") {
  ToldBooks books;
  const Sink sink;
  books.tell(sink.url(), sink.mail_server());
  CHECK(books.fail().exit == 1);
  REQUIRE(sink.posts().size() == 1);
  REQUIRE(sink.mails().size() == 1);
  CHECK(contains(sink.mails()[0], "Subject: [books] failed: job read_customers of run"));
  const ProgramEnd list = books.run({"notifications"});
  CHECK(list.exit == 0);
  CHECK(contains(list.out, "customers.2026-01.1  read_customers  hook     delivered"));
  const json::value body = parse_json(books.run({"notifications", "--json"}).out, "the list");
  REQUIRE(body.at("notifications").as_array().size() == 2);
  CHECK(body.at("notifications").at(0).at("state") == "delivered");
  CHECK(body.at("notifications").at(0).at("message").at("kind") == "failed");
}

TEST_CASE("notifications: --deliver tries what is left, also what was given up") {
  ToldBooks books;
  {
    const Sink sink({"--refuse", "9", "--status", "404 Not Found"});
    books.tell(sink.url(), sink.mail_server());
    books.fail();
  }
  const std::string before = books.run({"notifications"}).out;
  CHECK(contains(before, "given up"));
  CHECK(contains(before, "the server answered 404"));
  CHECK(contains(before, "next try "));
  CHECK(books.run({"notifications", "--deliver"}).exit == 1);  // nobody listens any more
  const Sink sink;
  books.tell(sink.url(), sink.mail_server());
  CHECK(books.run({"notifications", "--deliver"}).exit == 0);
  CHECK(sink.posts().size() == 1);
  CHECK(sink.mails().size() == 1);
  CHECK(contains(books.run({"audit"}).out, "notification retried, channel hook"));
}

TEST_CASE("notifications: a channel that is gone gives its messages up") {
  ToldBooks books;
  {
    const Sink sink({"--refuse", "9"});
    books.tell(sink.url(), sink.mail_server());
    books.fail();
  }
  books.write("tallymill.yaml",
              "workspace: books\nconnectors: { files: { type: files, root: sources } }\n");
  CHECK(books.run({"notifications", "--deliver"}).exit == 1);
  CHECK(contains(books.run({"notifications"}).out,
                 "there is no channel 'hook' in tallymill.yaml any more"));
}

TEST_CASE("notifications: nothing was to be told yet") {
  CHECK(finished_books().run({"notifications"}).out == "nobody was to be told anything yet\n");
}

TEST_CASE("notifications: --help has an example") {
  const ProgramEnd help = finished_books().run({"notifications", "--help"});
  CHECK(contains(help.out, "\nExample:\n  tallymill notifications --limit 20\n"));
}
