#include <doctest/doctest.h>

#include "courier/mail_text.h"
#include "tests/courier/errand_fixture.h"
#include "tests/servers/sink.h"

using namespace tallymill;

namespace {

json::object mail_channel(const Sink& sink) {
  return {{"server", sink.mail_server()},
          {"from", "tallymill@books.example"},
          {"to", {"ops@books.example", "lead@books.example"}},
          {"tls", "none"}};
}

}  // namespace

TEST_CASE("mail: every receiver gets the message, its id is the Message-ID") {
  const Sink sink;
  const Delivery delivery = deliver(errand("mail", mail_channel(sink)));
  CHECK(delivery.error == "");
  REQUIRE(delivery.delivered);
  REQUIRE(sink.mails().size() == 1);
  const std::string mail = sink.mails()[0];
  CHECK(has(mail, "MAIL FROM:<tallymill@books.example>"));
  CHECK(has(mail, "RCPT TO:<ops@books.example>\r\nRCPT TO:<lead@books.example>\r\n"));
  CHECK(has(mail, "To: ops@books.example, lead@books.example\r\n"));
  CHECK(has(mail, "Message-ID: <17-failed-0123456789ab@tallymill>\r\n"));
  CHECK(has(mail, "Subject: [books] failed: job gl of run month_end.2026-01.1 failed (data)\r\n"));
  CHECK(has(mail, "\r\n\r\njob gl of run month_end.2026-01.1 failed (data)\r\n"));
  CHECK(has(mail, "to look: tallymill rerun month_end.2026-01.1 --failed\r\n"));
}

TEST_CASE("mail: a server that says 451 is asked again, one without TLS is not") {
  const Sink sink({"--refuse", "1"});
  const Delivery later = deliver(errand("mail", mail_channel(sink)));
  CHECK(!later.delivered);
  CHECK(later.retry);
  CHECK(has(later.error, "451"));
  json::object encrypted = mail_channel(sink);
  encrypted["tls"] = "required";
  const Delivery refused = deliver(errand("mail", encrypted));
  CHECK(!refused.delivered);
  CHECK(!refused.retry);
}

TEST_CASE("mail: an address with a line break in it is refused") {
  const Sink sink;
  json::object channel = mail_channel(sink);
  channel["to"] = json::array{"ops@books.example\r\nBcc: all@books.example"};
  const Delivery delivery = deliver(errand("mail", channel));
  CHECK(!delivery.retry);
  CHECK(sink.mails().empty());
}

TEST_CASE("mail text: quoted-printable keeps lines short and every byte safe") {
  CHECK(quoted_printable("a = b\n") == "a =3D b\r\n");
  CHECK(quoted_printable("blank \nend") == "blank=20\r\nend");
  CHECK(quoted_printable(".\n") == "=2E\r\n");
  CHECK(quoted_printable("金") == "=E9=87=91");
  const std::string lines = quoted_printable(std::string(1000, 'x'));
  std::size_t start = 0;
  for (std::size_t end; (end = lines.find("\r\n", start)) != std::string::npos; start = end + 2)
    CHECK(end - start <= 76);
}

TEST_CASE("mail text: a subject that is not ASCII becomes encoded words") {
  CHECK(header_text("plain = text?") == "plain = text?");
  CHECK(header_text("金 a") == "=?UTF-8?Q?=E9=87=91_a?=");
  const std::string subject = header_text(std::string(100, 'x') + "金");
  for (std::size_t at = 0; at < subject.size();) {
    const std::size_t end = std::min(subject.find("\r\n", at), subject.size());
    CHECK(end - at <= 76);
    at = end + 2;
  }
}
