// The real program on a real server: there, at work, and back.
#include <doctest/doctest.h>

#include "../servers/postgresql.h"
#include "books.h"

using namespace tallymill;

TEST_CASE("store migrate: moves the store to PostgreSQL and back, and runs go on there") {
  PostgresqlServer& server = PostgresqlServer::instance();
  server.execute("create schema books;");
  Books books;
  const std::string sqlite = read_file(books.root() / "tallymill.yaml");
  const std::string postgresql = sqlite + "store:\n  type: postgresql\n  connect: \"" +
                                 server.connect("books") +
                                 "\"\n  password: ${env:BOOKS_PASSWORD}\n";
  books.set_environment({"BOOKS_PASSWORD=not 'asked'"});
  books.write("server.yaml", postgresql);
  books.write("file.yaml", sqlite);
  books.run_month();
  const std::string rows = books.run({"show", "customers", "--csv"}).out;

  const ProgramEnd there = books.run({"store", "migrate", "--to", "server.yaml"});
  INFO(there.err);
  REQUIRE(there.exit == 0);
  CHECK(contains(there.out, "the chain is whole and every table is the same"));
  CHECK(contains(there.out, "now put the 'store:' of server.yaml into tallymill.yaml"));
  // The old file is not taken for the store any more.
  const ProgramEnd stale = books.run_month();
  CHECK(stale.exit == 2);
  CHECK(contains(stale.err, "is of type postgresql, and tallymill.yaml says sqlite"));

  books.write("tallymill.yaml", postgresql);
  CHECK(books.run({"show", "customers", "--csv"}).out == rows);
  const ProgramEnd run = books.run_month({"--force"});
  INFO(run.out, run.err);
  CHECK(contains(run.out, "customers 2026-01"));
  CHECK(contains(books.run({"status"}).out, "customers.2026-01.2"));
  CHECK(books.run({"audit", "verify"}).exit == 0);
  CHECK(contains(books.run({"audit"}).out, "store moved from sqlite to postgresql"));

  const ProgramEnd back = books.run({"store", "migrate", "--to", "file.yaml", "--json"});
  INFO(back.err);
  REQUIRE(back.exit == 0);
  CHECK(parse_json(back.out, "migrate").at("to") == "sqlite");
  books.write("tallymill.yaml", sqlite);
  CHECK(books.run({"audit", "verify"}).exit == 0);
  CHECK(books.run_month().exit != 1);
  CHECK(books.run({"show", "customers", "--csv"}).out == rows);
}

TEST_CASE("store migrate: a store section that says two things is refused with its place") {
  Books books;
  books.write("tallymill.yaml", "workspace: books\nstore: { type: postgresql }\n");
  const ProgramEnd end = books.run({"status"});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "tallymill.yaml:2:8: error: a store of type postgresql needs 'connect'"));
}
