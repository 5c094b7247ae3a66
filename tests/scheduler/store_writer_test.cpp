// There is one writer of a store on a server, and it stops when its connection does.
#include <doctest/doctest.h>

#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

JobHeld change(const std::string& why) { return {"r", "j", why}; }

}  // namespace

TEST_CASE("server store: a second writer is refused and told of the first") {
  const PostgresqlBackend backend;
  Store first(backend.address(), "tester");
  const std::string problem = error_of([&] { Store second(backend.address(), "tester"); });
  INFO(problem);
  CHECK(problem.starts_with(backend.address().text() + " is in use by tallymill " +
                            std::to_string(::getpid()) + " of "));
  // Another store of the same database has a lock of its own.
  Store other(backend.address("other"), "tester");
  CHECK(StoreView::open(backend.address()));
}

TEST_CASE("server store: a writer that lost its connection writes nothing more") {
  const PostgresqlBackend backend;
  Store store(backend.address(), "tester");
  store.append(to_event(change("before")));
  store.commit();
  const ChainHead head = store.head();
  store.append(to_event(change("under way")));
  PostgresqlServer::instance().execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like "
      "'tallymill%' and state = 'idle in transaction';");
  const std::string problem = error_of([&] { store.commit(); });
  CHECK(problem.find("nothing more is written, what was committed stands") != std::string::npos);
  CHECK(error_of([&] { store.append(to_event(change("after"))); }) == problem);
  CHECK(error_of([&] { store.commit(); }) == problem);
  // Its lock went with it: the next one goes on from the last commit.
  Store next(backend.address(), "tester");
  CHECK(next.head().hash == head.hash);
}

TEST_CASE("server store: no message shows a password") {
  const StoreAddress address = StoreAddress::postgresql(
      "host=/nonexistent dbname=books user=mill password=hush", "hush hush");
  CHECK(address.text() == "the store in PostgreSQL (dbname=books host=/nonexistent)");
  const std::string problem = error_of([&] { Database(address, Database::Mode::read); });
  INFO(problem);
  CHECK(problem.find("the store in PostgreSQL (dbname=books host=/nonexistent) failed: ") == 0);
  CHECK(problem.find("hush") == std::string::npos);
  const std::string wrong =
      error_of([&] { Database(StoreAddress::postgresql("hush"), Database::Mode::read); });
  CHECK(wrong.find("hush") == std::string::npos);
  CHECK(wrong.starts_with("'connect' of the store is not one that PostgreSQL understands"));
}

TEST_CASE("server store: a password may hold blanks, quotes and whatever else") {
  PostgresqlServer& server = PostgresqlServer::instance();
  const std::string password = " two  blanks, a 'quote', a \\ and 50% of &=? ";
  server.execute("drop role if exists locked_out; create role locked_out login password $x$" +
                 password + "$x$; create schema of_locked_out authorization locked_out;");
  const std::string connect = server.connect_as("locked_out", "of_locked_out");
  {
    Store store(StoreAddress::postgresql(connect, password), "tester");
    store.append(to_event(change("let in")));
    store.commit();
    CHECK(StoreView::open(StoreAddress::postgresql(connect, password)));
  }
  const std::string problem = error_of(
      [&] { Database(StoreAddress::postgresql(connect, "two blanks"), Database::Mode::read); });
  CHECK(problem.find(" failed: ") != std::string::npos);
  server.execute("drop schema of_locked_out cascade; drop role locked_out;");
}

TEST_CASE("server store: a search path that names nothing is refused") {
  const StoreAddress address =
      StoreAddress::postgresql(PostgresqlServer::instance().connect("nowhere"));
  CHECK(error_of([&] {
          Database(address, Database::Mode::write);
        }).find("has no schema to work in") != std::string::npos);
}
