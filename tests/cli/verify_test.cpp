// `verify` recomputes what a run published from what it read.
#include <doctest/doctest.h>

#include "books.h"
#include "core/digest.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "datasets/engine.h"
#include "scheduler/store/database.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

/// Writes the rows of a version's file anew, as somebody with access to the files could.
void rewrite(Books& books, const std::string& dataset, const std::string& select,
             const std::string& file = "part-0000.parquet") {
  const fs::path folder =
      fs::directory_iterator(books.root() / ".tallymill/datasets" / dataset / "2026-01/_")->path();
  const fs::path part = folder / file;
  const fs::path changed = books.root() / "changed.parquet";
  Engine engine({.threads = 1, .readable = {folder}, .writable = {books.root()}});
  engine.execute("COPY (WITH rows AS (SELECT * FROM read_parquet(" + quote_literal(part.string()) +
                 ")) " + select + ") TO " + quote_literal(changed.string()) + " (FORMAT parquet)");
  fs::permissions(folder, fs::perms::owner_all);
  fs::rename(changed, part);
}

}  // namespace

TEST_CASE("verify: a run that holds, job by job, and what published nothing") {
  const ProgramEnd end = finished_books().run({"verify", "customers"});
  CHECK(end.out ==
        "run customers.2026-01.1\n"
        "read_customers: holds, 2 versions, 5 rows, 6 identities\n"
        "clean_customers: holds, 3 versions, 4 rows, 6 identities\n"
        "nobody_is_owed: holds, 1 version, 1 row, 5 identities\n"
        "the run holds\n");
  CHECK(end.exit == 0);
}

TEST_CASE("verify: a digit that was changed names file, identity and both values") {
  Books books;
  books.run_month();
  rewrite(books, "customers",
          "SELECT * REPLACE (CASE WHEN customer_no = 'C1' THEN 10.01 ELSE owed "
          "END::DECIMAL(18,2) AS owed) FROM rows");
  const ProgramEnd end = books.run({"verify", "customers", "clean_customers"});
  CHECK(end.exit == 3);
  CHECK(
      end.out.starts_with("run customers.2026-01.1\n"
                          "clean_customers: DOES NOT HOLD, 3 versions, 4 rows, 6 identities\n"
                          "  customers/part-0000.parquet: the files are those of the manifest, "
                          "byte for byte\n"
                          "    expected "));
  CHECK(end.out.find("  customers: rows, digest and sums of the rows are those on record\n"
                     "    expected sum of owed 14.75\n"
                     "    found    sum of owed 14.76\n") != std::string::npos);
  CHECK(end.out.ends_with("the run does not hold\n"));
  // What reads it is judged by what it read: the check job is sound, its input is not.
  CHECK(books.run({"verify", "customers", "nobody_is_owed"}).exit == 3);
}

TEST_CASE(
    "verify: a digit that was changed in the file of rows that were set aside is found, too") {
  Books books;
  books.run_month();
  rewrite(books, "customers", "SELECT * REPLACE ((owed + 0.01)::DECIMAL(18,2) AS owed) FROM rows",
          "part-0001.parquet");
  const ProgramEnd end = books.run({"verify", "customers", "clean_customers"});
  CHECK(end.exit == 3);
  CHECK(end.out.find("  customers/part-0001.parquet: the files are those of the manifest, byte for "
                     "byte\n") != std::string::npos);
  CHECK(end.out.find("  customers: rows, digest and sums of the rows are those on record\n"
                     "    expected sum of owed 14.75\n") != std::string::npos);
}

TEST_CASE("verify: a journal that somebody edited is said first") {
  Books books;
  books.run_month();
  {
    Database store(books.root() / ".tallymill" / "store.db", Database::Mode::write);
    store.begin();
    store.execute("update event set who = 'somebody else' where number = :p0", {std::int64_t{4}});
    store.commit();
  }
  const ProgramEnd end = books.run({"verify", "customers"});
  CHECK(end.exit == 3);
  CHECK(
      end.out.starts_with("run customers.2026-01.1\nthe journal is broken: event 4 was changed "));
  CHECK(end.out.ends_with("the run does not hold\n"));
}

TEST_CASE("verify: what is no longer kept is left out and said, never taken for proven") {
  Books books;
  books.run_month();
  fs::remove_all(books.root() / ".tallymill/attempts/customers.2026-01.1/clean_customers.1");
  const ProgramEnd end = books.run({"verify", "customers"});
  CHECK(end.exit == 0);
  CHECK(end.out.find("clean_customers: not verified, what attempt customers.2026-01.1-"
                     "clean_customers-1-") != std::string::npos);
  CHECK(
      end.out.ends_with(" was asked is no longer kept\n"
                        "nobody_is_owed: holds, 1 version, 1 row, 6 identities\n"
                        "what is still kept of the run holds\n"));
}

TEST_CASE("verify: a job that is up to date is verified where it was made") {
  Books books;
  books.run_month();
  REQUIRE(books.run_month().exit == 0);
  const ProgramEnd end = books.run({"verify", "customers", "clean_customers", "--json"});
  REQUIRE(end.exit == 0);
  const json::object told = parse_json(end.out, "verify").as_object();
  CHECK(json_text(told, "run") == "customers.2026-01.2");
  const json::object& job = told.at("jobs").as_array().at(0).as_object();
  CHECK(json_text(job, "made_by") == "customers.2026-01.1");
  CHECK_FALSE(json_boolean(job, "same_result"));
  CHECK(json_text(job, "state") == "verified");
}

namespace {

/// Does the job again, with what hangs on it or alone.
void rerun(Books& books, std::vector<std::string> which) {
  which.insert(which.begin(), {"rerun", "customers"});
  const std::string plan = books.run(which).out;
  const std::string_view word = "--apply ";
  which.push_back("--apply");
  which.push_back(plan.substr(plan.find(word) + word.size(), 12));
  const ProgramEnd done = books.run(which);
  INFO(done.err);
  REQUIRE(done.exit == 0);
}

}  // namespace

TEST_CASE("verify: a rerun with the same result is verified by the versions that were kept") {
  Books books;
  books.run_month();
  rerun(books, {"--from", "clean_customers"});
  const std::string kept =
      "clean_customers: holds, same result as customers.2026-01.1, 3 versions, 4 rows, ";
  CHECK(books.run({"verify", "customers.2026-01.2"})
            .out.starts_with("run customers.2026-01.2\n" + kept));
  // A result that was found the same again stands for the versions of the first run, too.
  rerun(books, {"--only", "--job", "clean_customers"});
  REQUIRE(books.run_month().exit == 0);
  CHECK(books.run({"verify", "customers.2026-01.3"}).out.find(kept) != std::string::npos);
  const ProgramEnd swept = books.run({"verify", "customers.2026-01.4"});
  CHECK(swept.out ==
        "run customers.2026-01.4\n"
        "read_customers: holds, made by customers.2026-01.1, 2 versions, 5 rows, 6 identities\n"
        "clean_customers: holds, same result as customers.2026-01.1, 3 versions, 4 rows, "
        "6 identities\n"
        "nobody_is_owed: holds, made by customers.2026-01.1, 1 version, 1 row, 5 identities\n"
        "the run holds\n");
  CHECK(swept.exit == 0);
  rewrite(books, "customers", "SELECT * REPLACE ('Ma' AS name) FROM rows");
  CHECK(books.run({"verify", "customers.2026-01.2", "clean_customers"}).exit == 3);
}

TEST_CASE("verify: what an earlier run stands for is not what a later one made of the month") {
  Books books;
  books.run_month();
  REQUIRE(books.run_month().exit == 0);
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,\"Lee, \"\"Bo\"\"\",13800000001,11.00\n");
  REQUIRE(books.run_month().exit == 0);
  const std::string first = books.run({"verify", "customers.2026-01.1", "clean_customers"}).out;
  CHECK(first.find("clean_customers: holds, 3 versions, 4 rows") != std::string::npos);
  CHECK(books.run({"verify", "customers.2026-01.2", "clean_customers"})
            .out.find("clean_customers: holds, made by customers.2026-01.1, 3 versions, 4 rows") !=
        std::string::npos);
  CHECK(books.run({"verify", "customers.2026-01.3", "clean_customers"})
            .out.find("clean_customers: holds, 3 versions, 1 row") != std::string::npos);
}

TEST_CASE("verify: a condition on the period of a row sees the rows that the job saw") {
  Books books;
  books.write("sources/customers-2025-12.csv", "customer_no,name,phone,owed\nC1,Lee,,9.00\n");
  books.write("graphs/changes.yaml", R"(graph: changes
description: What changed since the month before.
period: month
jobs:
  owed_changes:
    type: reconcile
    left: { dataset: customers, periods: last(2), key: customer_no, amount: owed, where: "_period = '2025-12'", as: before }
    right: { dataset: customers, periods: last(2), key: customer_no, amount: owed, where: "_period = '2026-01'", as: now }
    severity: warn
)");
  REQUIRE(books.run({"run", "customers", "--period", "2025-12"}).exit == 0);
  REQUIRE(books.run_month().exit == 0);
  const ProgramEnd run = books.run({"run", "changes", "--period", "2026-01"});
  INFO(run.out, run.err);
  REQUIRE(run.exit == 0);
  const ProgramEnd end = books.run({"verify", "changes"});
  CHECK(end.out.find("owed_changes: holds, 1 version, 3 rows") != std::string::npos);
  CHECK(end.out.ends_with("the run holds\n"));
  CHECK(end.exit == 0);
}

TEST_CASE("verify: the certificate is closed by its own digest and names the journal's head") {
  Books books;
  books.run_month();
  const std::string file = (books.root() / "certificate.json").string();
  REQUIRE(books.run({"verify", "customers", "--certificate", file}).exit == 0);
  json::object certificate = parse_json(read_file(file), file).as_object();
  CHECK(json_boolean(certificate, "holds"));
  const std::string digest = json_text(certificate, "sha256");
  certificate.erase("sha256");
  CHECK(sha256_hex(json::serialize(certificate)) == digest);
  const json::object journal =
      parse_json(books.run({"audit", "verify", "--json"}).out, "audit").as_object();
  CHECK(certificate.at("journal").at("head") == journal.at("head"));
  const json::object& made = certificate.at("jobs").at(1).at("made").at(0).as_object();
  CHECK(json_text(made, "dataset") == "customers");
  CHECK(json_text(made.at("amounts").as_object(), "owed") == "14.75");
}
