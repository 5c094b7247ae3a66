#include <doctest/doctest.h>

#include "tests/courier/errand_fixture.h"
#include "tests/servers/sink.h"

using namespace tallymill;

TEST_CASE("webhook: the message is posted as JSON with its id as the idempotency key") {
  const Sink sink;
  const Delivery delivery =
      deliver(errand("webhook", {{"url", sink.url() + "/hooks/ops"},
                                 {"headers", {{"Authorization", "Bearer s3cret-token"}}}}));
  CHECK(delivery.error == "");
  REQUIRE(delivery.delivered);
  REQUIRE(sink.posts().size() == 1);
  const std::string post = sink.posts()[0];
  CHECK(post.starts_with("POST /hooks/ops HTTP/1.1\r\n"));
  CHECK(has(post, "Idempotency-Key: 17-failed-0123456789ab\r\n"));
  CHECK(has(post, "Authorization: Bearer s3cret-token\r\n"));
  const json::value body = parse_json(post.substr(post.find("\r\n\r\n") + 4), "the post");
  CHECK(body.at("id") == "17-failed-0123456789ab");
  CHECK(body.at("run") == "month_end.2026-01.1");
  CHECK(body.at("kind") == "failed");
}

TEST_CASE("webhook: what the server may take later is tried again, what it refuses is not") {
  const auto answer = [](const std::string& status) {
    const Sink sink({"--refuse", "1", "--status", status});
    return deliver(errand("webhook", {{"url", sink.url()}}));
  };
  for (const char* status : {"503 Service Unavailable", "429 Too Many Requests", "408 Timeout"}) {
    const Delivery delivery = answer(status);
    CHECK(!delivery.delivered);
    CHECK(delivery.retry);
    CHECK(delivery.error == "the server answered " + std::string(status).substr(0, 3));
  }
  for (const char* status : {"404 Not Found", "401 Unauthorized", "302 Found"}) {
    const Delivery delivery = answer(status);
    CHECK(!delivery.delivered);
    CHECK(!delivery.retry);
  }
}

TEST_CASE("webhook: nobody there, or nobody who answers, is tried again") {
  const Delivery nobody = deliver(errand("webhook", {{"url", "http://127.0.0.1:1/"}}));
  CHECK(nobody.retry);
  CHECK(has(nobody.error, "127.0.0.1 port 1"));
  const Sink silent({"--hang"});
  Errand slow = errand("webhook", {{"url", silent.url()}});
  slow.timeout = std::chrono::milliseconds(100);
  const Delivery late = deliver(slow);
  CHECK(!late.delivered);
  CHECK(late.retry);
}

TEST_CASE("webhook: no secret stands in an error") {
  Errand secret = errand("webhook", {{"url", "http://bob:pa55word@127.0.0.1:1/T0KEN?key=hidden"},
                                     {"headers", {{"Authorization", "Bearer s3cret-token"}}}});
  const Delivery delivery = deliver(secret);
  for (const char* word : {"pa55word", "T0KEN", "hidden", "s3cret-token"})
    CHECK(!has(delivery.error, word));
  CHECK(without_secrets("said s3cret-token to http://bob:pa55word@127.0.0.1:1/T0KEN?key=hidden",
                        secret) == "said *** to ***");
}

TEST_CASE("webhook: a header that would smuggle in others is refused") {
  const Delivery delivery = deliver(
      errand("webhook", {{"url", "http://127.0.0.1:1/"}, {"headers", {{"X", "a\r\nHost: evil"}}}}));
  CHECK(!delivery.retry);
  CHECK(delivery.error == "a header of the channel holds a line break");
}
