#include <doctest/doctest.h>

#include "connectors/sqlite/database.h"
#include "tests/jobs/source_job_fixture.h"

using namespace tallymill;

namespace {

Schema sales_schema() {
  Schema schema;
  schema.columns = {text_column("id"),
                    money_column("amount"),
                    {.name = "day", .type = Type::date()},
                    {.name = "made_at", .type = Type::timestamp()},
                    {.name = "good", .type = Type::boolean()}};
  schema.key = {"id"};
  schema.has_provenance = true;
  return schema;
}

struct Export : SourceJobFixture {
  explicit Export(const std::string& rest = "to: { connector: out, path: \"r-${period}.csv\" }") {
    add_rows(*this, "sales",
             "('b', -0.05, '2026-01-31', '2026-01-31 08:05:00', true, 'f.csv', 3), "
             "('a,\"x', 1234.50, null, null, null, 'f.csv', 2)",
             sales_schema());
    add_connector("out", "{ type: files, root: out }");
    add_connector("mart", "{ type: sqlite, file: mart/m.db }");
    set_job("type: export\nfrom: sales\n" + rest + "\n");
  }
  std::string query(const std::string& sql) const {
    SqliteDatabase database(task.workspace / "mart/m.db", SqliteAccess::read);
    SqliteStatement statement(database, sql);
    std::string all;
    while (statement.step()) all += std::string(statement.text(0)) + "\n";
    return all;
  }
};

}  // namespace

TEST_CASE("export: a file is sorted by key, exact, and its sums are in the ledger") {
  Export job;
  const TaskResult& result = job.run();
  CHECK(job.read("out/r-2026-01.csv") ==
        "id,amount,day,made_at,good\n"
        "\"a,\"\"x\",1234.50,,,\n"
        "b,-0.05,2026-01-31,2026-01-31T08:05:00Z,true\n");
  CHECK(result.outcome == TaskOutcome::succeeded);
  CHECK(result.rows_out == 2);
  CHECK(result.ledger.at("balances") == true);
  CHECK(result.report == json::object{{"target", "r-2026-01.csv"},
                                      {"rows", 2},
                                      {"amounts", {{"amount", "1234.45"}}}});
}

TEST_CASE("export: the same data makes the same bytes, whatever the order of rows and threads") {
  Export job;
  std::string first;
  for (int threads : {1, 4}) {
    job.task.threads = threads;
    ++job.task.epoch.number;
    const std::string order = threads == 1 ? "asc" : "desc";
    job.add_input("sales",
                  "select 'k' || i as id, (i / 7)::decimal(18,2) as amount, null::date as day, "
                  "null::timestamp as made_at, true as good, 'f' as _source, i::bigint as _line "
                  "from range(20000) r(i) order by i " +
                      order,
                  sales_schema());
    job.run();
    const std::string bytes = job.read("out/r-2026-01.csv");
    CHECK((first.empty() || first == bytes));
    first = bytes;
  }
}

TEST_CASE("export: columns are chosen and ordered, provenance only by name") {
  Export job("to: { connector: out, path: r.csv }\ncolumns: [_line, id]");
  job.run();
  CHECK(job.read("out/r.csv") == "_line,id\n2,\"a,\"\"x\"\n3,b\n");
  Export wrong("to: { connector: out, path: r.csv }\ncolumns: [amout]");
  CHECK(wrong.plan_problems() ==
        "g.yaml:4:10: dataset 'sales' has no column 'amout'; did you mean 'amount'?");
}

TEST_CASE("export: a table is replaced as a whole, or the rows of the period") {
  Export job("to: { connector: mart, table: sales, replace: month }");
  job.run();
  CHECK(job.query("select month || ' ' || id || ' ' || amount from sales order by id") ==
        "2026-01 a,\"x 1234.50\n2026-01 b -0.05\n");
  job.task.period = "2026-02";
  ++job.task.epoch.number;
  job.run();
  CHECK(job.query("select count(*) from sales") == "4\n");
  CHECK(job.query("select count(*) from tallymill_publication") == "2\n");
}

TEST_CASE("export: an older attempt than the one that published last is refused") {
  Export job;
  job.task.epoch.number = 9;
  job.run();
  const std::string before = job.read("out/r-2026-01.csv");
  job.task.epoch.number = 8;
  add_rows(job, "sales", "('z', 1.00, null, null, null, 'f', 1)", sales_schema());
  CHECK(
      job.problem().find("already holds what a newer attempt published (epoch 9, this one is 8)") !=
      std::string::npos);
  CHECK(job.read("out/r-2026-01.csv") == before);
}

TEST_CASE("export: a target that does not keep amounts exact gets nothing") {
  Export job("to: { connector: mart, table: sales, replace: id }\ncolumns: [id, amount]");
  std::filesystem::create_directories(job.task.workspace / "mart");
  {
    SqliteDatabase database(job.task.workspace / "mart/m.db", SqliteAccess::write);
    database.execute("create table sales (id text, amount real)");
  }
  job.add_input("sales",
                values_select("('2026-01', 0.10, null, null, null, 'f', 1)", sales_schema()),
                sales_schema());
  CHECK(job.problem().find("does not keep column 'amount' as it was written") != std::string::npos);
  CHECK(job.query("select count(*) from sales") == "0\n");
}

TEST_CASE("export: an empty dataset makes a file with a header alone") {
  Export job;
  job.add_input(
      "sales",
      values_select("('z', 1.00, null, null, null, 'f', 1)", sales_schema()) + " where id = 'none'",
      sales_schema());
  CHECK(job.run().rows_out == 0);
  CHECK(job.read("out/r-2026-01.csv") == "id,amount,day,made_at,good\n");
}

TEST_CASE("export: options of another connector are refused where they stand") {
  Export job("to: { connector: mart, path: r.csv }");
  const std::string problems = job.plan_problems();
  CHECK(problems.find("unknown option 'path' for connector 'mart' (sqlite)") != std::string::npos);
  CHECK(problems.find("table") != std::string::npos);
  Export nowhere("to: { path: r.csv }");
  CHECK(nowhere.shape_problems() == "g.yaml:3:5: 'to' lacks the option 'connector'");
  CHECK(Export().shape_problems().empty());
  Export job_shape;
  job_shape.shape_problems();
  CHECK(job_shape.shape.has_outside_effect);
}
