#include <doctest/doctest.h>

#include "core/files.h"
#include "tests/courier/errand_fixture.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

namespace {

Errand command(std::initializer_list<json::value_ref> words) {
  return errand("command", {{"run", json::array(words)}});
}

}  // namespace

TEST_CASE("command: it gets the message on its input and its id in the environment") {
  const TemporaryFolder folder;
  Errand to_file = command({"sh", "-c", "cat >message; echo \"$TALLYMILL_NOTIFICATION\" >id"});
  to_file.workspace = folder.path().string();
  const Delivery delivery = deliver(to_file);
  CHECK(delivery.error == "");
  REQUIRE(delivery.delivered);
  CHECK(read_file(folder / "id") == "17-failed-0123456789ab\n");
  const json::value message = parse_json(read_file(folder / "message"), "the message");
  CHECK(message.at("run") == "month_end.2026-01.1");
}

TEST_CASE("command: one that fails is tried again, with the end of what it said") {
  const Delivery delivery = deliver(command({"sh", "-c", "echo no paper >&2; exit 7"}));
  CHECK(!delivery.delivered);
  CHECK(delivery.retry);
  CHECK(delivery.error == "'sh' ended with exit 7: no paper");
}

TEST_CASE("command: one that does not exist is not tried again") {
  const Delivery delivery = deliver(command({"no_such_program"}));
  CHECK(!delivery.retry);
  CHECK(delivery.error == "cannot start 'no_such_program': No such file or directory");
}

TEST_CASE("command: one that takes too long is ended with all it started") {
  const TemporaryFolder folder;
  Errand slow = command({"sh", "-c", "(sleep 60; touch late) & wait"});
  slow.workspace = folder.path().string();
  slow.timeout = std::chrono::milliseconds(100);
  const Delivery delivery = deliver(slow);
  CHECK(!delivery.delivered);
  CHECK(delivery.retry);
  CHECK(delivery.error == "'sh' took longer than 100ms");
}
