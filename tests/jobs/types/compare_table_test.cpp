#include <doctest/doctest.h>

#include "connectors/sqlite/database.h"
#include "core/error.h"
#include "tests/jobs/job_fixture.h"
#include "tests/servers/postgresql.h"

using namespace tallymill;

namespace {

Schema bills() {
  return columns_of({integer_column("id"),
                     money_column("amount"),
                     {.name = "phone", .type = Type::text(), .sensitive = true}},
                    {"id"});
}

/// Dataset `bills` beside table `bill` of a PostgreSQL server, whose amount is called `due`.
struct Comparison {
  JobFixture job;

  Comparison(const std::string& left, const std::string& right, const std::string& more = {}) {
    PostgresqlServer::instance().execute(
        "drop table if exists bill; create table bill (id bigint, due numeric, phone text); " +
        (right.empty() ? "" : "insert into bill " + right));
    Diagnostics diagnostics;
    const auto spec = YamlDocument::parse(
        "tallymill.yaml",
        "type: postgresql\nconnect: \"" + PostgresqlServer::instance().connect() + "\"",
        diagnostics);
    job.task.connectors["books"] = json::object{
        {"type", "postgresql"}, {"file", "tallymill.yaml"}, {"spec", spec->root().to_json()}};
    job.add_input("bills", left, bills());
    job.set_job(
        "type: compare_table\nof: bills\ntable: { connector: books, table: bill }\n"
        "names: { amount: due }\n" +
        more);
  }
  Lines breaks() {
    return job.rows("j.breaks",
                    "id, class, left_rows, right_rows, differs, "
                    "left_values, right_values");
  }
  std::string report(const char* key) { return json::serialize(job.result.report.at(key)); }
};

std::string rows_of(int count, const std::string& changes) {
  return "SELECT CAST(i AS BIGINT) AS id, CAST(i AS DECIMAL(18,2)) AS amount, 'p' || i AS phone "
         "FROM "
         "range(" +
         std::to_string(count) + ") r(i) " + changes;
}

std::string server_rows(int count) {
  return "select i, i, 'p' || i from generate_series(0, " + std::to_string(count - 1) + ") g(i)";
}

}  // namespace

TEST_CASE("compare_table: equal tables pass, and only sums travel") {
  Comparison same(rows_of(5000, ""), server_rows(5000));
  same.job.run();
  CHECK(same.report("verdict") == "\"pass\"");
  CHECK(same.report("rows") == R"({"left":5000,"right":5000})");
  CHECK(same.report("segments") ==
        R"({"compared":8,"differing":0,"hashes_fetched":0,"rows_fetched":0})");
  CHECK(same.breaks().empty());
}

TEST_CASE(
    "compare_table: every kind of difference is a break, and only their segments are fetched") {
  Comparison different(rows_of(5000, "WHERE i <> 17"),
                       server_rows(5000) +
                           "; delete from bill where id = 18; update bill set due = 19.01 where id "
                           "= 19; update bill set phone = 'secret' where id = 20; insert into bill "
                           "values (21, 21, 'p21')");
  different.job.run();
  CHECK(different.breaks() == Lines{"17|right_only|0|1|-|-|amount=17; phone=***",
                                    "18|left_only|1|0|-|amount=18; phone=***|-",
                                    "19|changed|1|1|amount|amount=19|amount=19.01",
                                    "20|changed|1|1|phone|phone=***|phone=***",
                                    "21|duplicate|1|2|-|-|amount=21; phone=***"});
  CHECK(different.report("verdict") == "\"fail\"");
  CHECK(different.job.result.findings_error == 5);
  CHECK(different.report("classes") ==
        R"([{"class":"changed","keys":2,"left_rows":2,"right_rows":2},)"
        R"({"class":"duplicate","keys":1,"left_rows":1,"right_rows":2},)"
        R"({"class":"left_only","keys":1,"left_rows":1,"right_rows":0},)"
        R"({"class":"right_only","keys":1,"left_rows":0,"right_rows":1}])");
  const auto& segments = different.job.result.report.at("segments").as_object();
  CHECK(segments.at("hashes_fetched").as_int64() < 5000);
  CHECK(segments.at("rows_fetched").as_int64() == 5);
  CHECK(different.job.result.ledger.at("balances").as_bool());
}

TEST_CASE("compare_table: an even number of equal changes is seen") {
  Comparison shifted(
      rows_of(100, ""),
      server_rows(100) + "; update bill set due = due + 7 where id between 10 and 13");
  shifted.job.run();
  CHECK(shifted.breaks().size() == 4);
}

TEST_CASE("compare_table: more differences than are listed are still counted") {
  Comparison many(rows_of(3000, ""), server_rows(3000) + "; update bill set due = due + 1",
                  "most: 10\nseverity: warn\n");
  many.job.run();
  CHECK(many.breaks().size() == 10);
  CHECK(many.report("breaks") == R"({"found":3000,"listed":10})");
  CHECK(many.job.result.findings_warn == 3000);
  CHECK(many.report("segments") ==
        R"({"compared":4,"differing":4,"hashes_fetched":3000,"rows_fetched":10})");
}

TEST_CASE("compare_table: nothing on both sides is not applicable") {
  Comparison nothing(rows_of(0, ""), "");
  nothing.job.run();
  CHECK(nothing.report("verdict") == "\"not_applicable\"");
  CHECK(nothing.job.result.findings_warn == 1);
}

TEST_CASE("compare_table: problems of the options are told at their places") {
  Comparison wrong(rows_of(1, ""), server_rows(1), "columns: [amuont]\n");
  CHECK(wrong.job.plan_problems() ==
        "g.yaml:5:10: dataset 'bills' has no column 'amuont'; did you mean 'amount'?");
  wrong.job.set_job("type: compare_table\nof: bills\ntable: { table: bill, rows: 1 }\n");
  CHECK(wrong.job.shape_problems() ==
        "g.yaml:3:8: 'table' lacks the option 'connector'\n"
        "g.yaml:3:23: no connector knows the option 'rows'; 'tallymill explain files', 'explain "
        "postgresql', 'explain sqlite' show what each knows");
  wrong.job.set_job(
      "type: compare_table\nof: bills\ntable: { connector: books, table: bill, path: x }\nnames: { "
      "amuont: due }\n");
  CHECK(wrong.job.plan_problems() ==
        "g.yaml:3:41: unknown option 'path' for connector 'books' (postgresql); its options are "
        "table, where, connector\n"
        "g.yaml:4:10: dataset 'bills' has no column 'amuont'; did you mean 'amount'?");
}
