// People of the operators' group, who may not read the state folder: they see and ask through the
// scheduler. Needs root, to become somebody else.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>

#include "scheduler/socket_client.h"
#include "waiting_run.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

class Operators : public WaitingRun {
 public:
  Operators() {
    fs::permissions(root(), fs::perms(0755));
    write("tallymill.yaml", "workspace: waiting\nsocket_dir: " + (root() / "sockets").string() +
                                "\noperators_group: nogroup\n");
    scheduler_ = start({"scheduler"}, "scheduler");
    CHECK(
        soon([&] { return SocketClient::connect(root() / "sockets/waiting.socket").has_value(); }));
  }
  ~Operators() {
    ::kill(scheduler_, SIGTERM);
    wait(scheduler_, "scheduler");
  }
  Operators(const Operators&) = delete;
  Operators& operator=(const Operators&) = delete;

  /// As user nobody of group nogroup.
  ProgramEnd ask(const std::string& arguments) {
    const std::string program = (executable_folder() / "tallymill").string();
    const std::string out = (answers_.path() / "out").string();
    const std::string err = (answers_.path() / "err").string();
    const int status = std::system(
        ("cd '" + root().string() + "' && setpriv --reuid 65534 --regid 65534 --clear-groups '" +
         program + "' " + arguments + " >'" + out + "' 2>'" + err + "' </dev/null")
            .c_str());
    return {WEXITSTATUS(status), read_file(out), read_file(err)};
  }

 private:
  pid_t scheduler_ = 0;
  TemporaryFolder answers_;
};

bool may_become_another() {
  if (::geteuid() == 0 && std::system("setpriv --version >/dev/null 2>&1") == 0) return true;
  std::cout << "not run  operators: only root can become somebody else\n";
  return false;
}

}  // namespace

TEST_CASE("operators: who may not read the state sees status, why and logs through the scheduler") {
  if (!may_become_another()) return;
  Operators books;
  REQUIRE(books.begin().exit == 4);
  CHECK(fs::status(books.state()).permissions() == fs::perms(0700));
  const ProgramEnd status = books.ask("status close.2026-01.1");
  INFO(status.err);
  CHECK(status.exit == 0);
  CHECK(status.out == books.run({"status", "close.2026-01.1"}).out);
  CHECK(parse_json(books.ask("status --json").out, "status").at("busy") == true);
  CHECK(books.ask("why close closed").out == books.run({"why", "close", "closed"}).out);
  CHECK(books.ask("why close no_such").exit == 2);
  const ProgramEnd logs = books.ask("logs close checked --follow");
  CHECK(logs.exit == 0);
  CHECK(contains(logs.out, "checked in close.2026-01.1, attempt 1: succeeded\n"));
  CHECK(contains(books.ask("audit --limit 3").out, "close.2026-01.1"));
}

TEST_CASE("operators: they ask, and follow a run to its end") {
  if (!may_become_another()) return;
  Operators books;
  const ProgramEnd begun = books.ask("run close --period 2026-01");
  INFO(begun.err);
  CHECK(begun.exit == 4);
  CHECK(contains(begun.out, "close 2026-01, run close.2026-01.1: waiting for input"));
  CHECK(books.ask("approve close.2026-01.1 chief_agrees").exit == 0);
  CHECK(soon([&] { return contains(books.ask("status").out, "all well"); }));
  CHECK(contains(books.run({"audit"}).out, "nobody"));
}

TEST_CASE("operators: a look that changes or shows rows is refused, and so is another workspace") {
  if (!may_become_another()) return;
  Operators books;
  auto client = SocketClient::connect(books.root() / "sockets/waiting.socket").value();
  const auto refusal = [&](const json::array& arguments) {
    client.send_with({{"format", 1}, {"request", "read"}, {"arguments", arguments}}, {1, 2});
    const auto line = client.next(std::chrono::milliseconds(-1));
    return line && line->contains("error") ? json_text(line->at("error").as_object(), "message")
                                           : std::string();
  };
  CHECK(contains(refusal({"show", "x", "--reveal"}), "'show' is not shown to people"));
  CHECK(
      contains(refusal({"run", "close"}), "these are: audit, datasets, logs, report, status, why"));
  CHECK(contains(refusal({"status", "--workspace=/"}), "its own workspace and no other"));
  for (const char* flag : {"--html=x.html", "--junit=x.xml", "--sample=5"})
    CHECK(contains(refusal({"report", "close", flag}), " writes a file or shows rows"));
  CHECK(contains(refusal({"report", "close", "--html", "x.html"}), "--html writes a file"));
}

TEST_CASE("operators: without a scheduler there is nobody to ask") {
  if (!may_become_another()) return;
  WaitingRun books;
  fs::permissions(books.root(), fs::perms(0755));
  REQUIRE(books.begin().exit == 4);
  const int status =
      std::system(("cd '" + books.root().string() +
                   "' && setpriv --reuid 65534 --regid 65534 --clear-groups '" +
                   (executable_folder() / "tallymill").string() + "' status 2>err.txt")
                      .c_str());
  CHECK(WEXITSTATUS(status) == 2);
  INFO(read_file(books.root() / "err.txt"));
  CHECK(contains(read_file(books.root() / "err.txt"), "you may not use the socket"));
}
