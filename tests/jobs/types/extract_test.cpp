#include <doctest/doctest.h>

#include "connectors/sqlite/database.h"
#include "tests/jobs/source_job_fixture.h"

using namespace tallymill;

namespace {

const std::string kJob = R"(
type: extract
from: { connector: d, path: "${period}.csv" }
into: sales
columns:
  id: { type: integer, required: true }
  name: { type: text, source: customer }
  amount: money
  day: { type: date, format: "%Y/%m/%d" }
  kind: { type: enum, values: [a, b] }
)";

const std::string kHeader = "id,customer,amount,day,kind\n";

struct Extract : SourceJobFixture {
  explicit Extract(const std::string& csv, const std::string& job = kJob) {
    write("in/2026-01.csv", csv);
    add_connector("d", "{ type: files, root: in }");
    set_job(job);
  }
};

std::string keyed(const std::string& key) { return kJob + "key: " + key + "\n"; }

}  // namespace

TEST_CASE("extract: rows are typed, exact, and know the line they came from") {
  Extract job(kHeader + "1,\"x\ny\",12.3,2026/01/31,a\n2,,,,\n");
  const TaskResult& result = job.run();
  CHECK(job.text("sales") ==
        "1|x\ny|12.30|2026-01-31|a|2026-01.csv|2\n"
        "2|-|-|-|-|2026-01.csv|4\n");
  CHECK(job.text("j.rejects").empty());
  CHECK(result.outcome == TaskOutcome::succeeded);
  CHECK(result.rows_in == 2);
  CHECK(result.rows_out == 2);
  CHECK(result.rows_rejected == 0);
}

TEST_CASE("extract: a record with several defects is one reject with all its reasons") {
  Extract job(kHeader + ",x,12.345,2026-01-31,c\n1,y,1.00,2026/01/01,a\n");
  const TaskResult& result = job.run();
  CHECK(job.text("sales", "id, name") == "1|y\n");
  CHECK(job.text("j.rejects", "source, line, \"column\", reason, reasons, original") ==
        "2026-01.csv|2|id|missing|missing;surplus_fraction_digits;not_a_date;not_in_set|"
        ",x,12.345,2026-01-31,c\n");
  CHECK(job.text("j.rejects", "message") ==
        "id: is missing, but the column is required; amount: '12.345' has more digits behind the "
        "point than its type; day: '2026-01-31' is not a date in the declared format; kind: 'c' is "
        "not one of the declared values\n");
  CHECK(result.rows_in == 2);
  CHECK(result.rows_rejected == 1);
  CHECK(result.report.at("rejects") == json::value({{"missing", 1}}));
  CHECK(result.report.at("unparsable_amounts") == json::value({{"amount", 1}}));
}

TEST_CASE("extract: records that cannot be taken apart are rejects as well, and the books close") {
  Extract job(kHeader + "1,x\n2,\"y,1.00,2026/01/01,a\n3,z,3.00,2026/01/01,b\n");
  const TaskResult& result = job.run();
  CHECK(job.text("j.rejects", "line, \"column\", reason") ==
        "2|-|too_few_fields\n3|-|unclosed_quote\n");
  CHECK(result.rows_out == 1);
  CHECK(result.ledger.at("balances") == true);
}

TEST_CASE("extract: the ledger counts amounts of rows that left for another reason") {
  Extract job(kHeader + "1,x,10.00,2026/01/01,a\nx,y,5.00,2026/01/01,a\n");
  const std::string ledger = json::serialize(job.run().ledger);
  CHECK(ledger.find("15.00") != std::string::npos);
  CHECK(ledger.find("10.00") != std::string::npos);
  CHECK(ledger.find("\"5.00\"") != std::string::npos);
}

TEST_CASE("extract: what is sensitive is masked in messages and marked in the rejects") {
  Extract job("id\nsecret\n", R"(
type: extract
from: { connector: d, path: 2026-01.csv }
into: sales
columns: { id: { type: integer, sensitive: true } }
)");
  job.run();
  CHECK(job.schemas.at("j.rejects").find("original")->sensitive);
  CHECK(job.text("j.rejects", "message") == "id: *** is not a plain number\n");
}

TEST_CASE("extract: a column that others call sensitive stands in the original, which is masked") {
  const std::string csv = "id,customer,amount,day,kind,phone\nx,a,1.00,,,13800000001\n";
  const auto is_hidden = [&](const std::vector<std::string>& columns) {
    Extract job(csv);
    job.task.hidden_columns = columns;
    job.run();
    return Manifest::read(job.task.folder / "staging/j.rejects").schema.find("original")->sensitive;
  };
  CHECK(!is_hidden({}));
  CHECK(!is_hidden({"id_card"}));  // the file has no such column
  CHECK(is_hidden({"id_card", "phone"}));
}

TEST_CASE("extract: of a declared key the first row stays, the others are rejects") {
  Extract job(kHeader + "1,x,1.00,,\n2,y,2.00,,\n1,z,4.00,,\n1,w,8.00,,\n", keyed("id"));
  const TaskResult& result = job.run();
  CHECK(job.text("sales", "id, name") == "1|x\n2|y\n");
  CHECK(job.text("j.rejects", "line, reason, message, original") ==
        "4|duplicate_key|the key (id) also stands in 2026-01.csv line 2, which is kept|"
        "1,z,4.00,,\n"
        "5|duplicate_key|the key (id) also stands in 2026-01.csv line 2, which is kept|"
        "1,w,8.00,,\n");
  CHECK(result.rows_rejected == 2);
  CHECK(json::serialize(result.ledger).find("12.00") != std::string::npos);
}

TEST_CASE("extract: a key without a value is a reject") {
  Extract job(kHeader + "1,,1.00,,\n", keyed("[name]"));
  job.run();
  CHECK(job.text("j.rejects", "\"column\", reason") == "name|missing\n");
}

TEST_CASE("extract: order and threads do not matter to the digest") {
  std::string csv = kHeader;
  for (int i = 0; i < 30'000; ++i)
    csv += std::to_string(i) + ",customer number " + std::to_string(i % 977) + ",1.25,,a\n";
  std::string digest;
  for (int threads : {1, 2, 4}) {
    Extract job(csv);
    job.task.threads = threads;
    const std::string found = job.run().outputs.at(0).digest;
    CHECK((digest.empty() || digest == found));
    digest = found;
  }
}

TEST_CASE("extract: a source that did not change ends the attempt before it parses anything") {
  Extract job(kHeader + "1,x,1.00,,\n");
  const json::value state = job.run().source_state;
  job.task.previous = {{"source_state", state}, {"fingerprint", "f"}};
  CHECK(job.run().outcome == TaskOutcome::unchanged);
  CHECK(job.result.outputs.empty());
  CHECK(job.result.source_state == state);
  job.write("in/2026-01.csv", kHeader + "2,x,1.00,,\n");
  CHECK(job.run().outcome == TaskOutcome::succeeded);
}

TEST_CASE("extract: a column the file lacks is named with the nearest one, where it was asked") {
  Extract job("id,custmer,amount,day,kind\n");
  try {
    job.run();
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.message() ==
          "file '2026-01.csv' has no column 'customer'; did you mean 'custmer'?");
    CHECK(error.where().file == "g.yaml");
    CHECK(error.where().line == 7);
  }
}

TEST_CASE("extract: columns nobody declared are ignored, or refused if the job says so") {
  const std::string csv = "id,customer,amount,day,kind,extra\n1,x,1.00,,,e\n";
  Extract lenient(csv);
  CHECK(lenient.run().rows_out == 1);
  Extract strict(csv, kJob + "extra_columns: reject\n");
  CHECK(strict.problem() ==
        "'2026-01.csv' has column 'extra', which is not declared, and extra_columns is reject");
}

TEST_CASE("extract: equal control totals are reported, others fail the job and name both numbers") {
  const std::string job_with_control = kJob +
                                       "control_totals: { connector: d, path: control.csv, rows: "
                                       "n, amount: total }\n";
  const std::string csv = kHeader + "1,x,1000.00,,\nx,y,234.50,,\n";
  Extract job(csv, job_with_control);
  job.write("in/control.csv", "n,total\n1,1000.00\n1,234.50\n");
  CHECK(job.run().report.at("control_totals") == "equal");
  job.write("in/control.csv", "n,total\n3,1235.00\n");
  CHECK(job.problem() ==
        "control totals differ: rows: the source says 3, read 2; amount: the source says 1,235.00, "
        "read 1,234.50");
  CHECK(job.text("j.rejects", "line") == "3\n");
}

TEST_CASE("extract: a feed of which too much is turned away fails, and keeps the rejects") {
  const std::string csv = kHeader + "1,x,1.00,,\nx,y,2.00,,\n3,z,abc,,\n";
  const auto problem = [&](const std::string& limit) {
    Extract job(csv, kJob + limit);
    std::string found = job.problem();
    CHECK(job.text("j.rejects", "line") == "3\n4\n");
    return found;
  };
  CHECK(problem("max_rejected: 1\n") ==
        "this job rejects 2 of 3 records read, more than max_rejected 1; nothing is published, the "
        "rows stand in 'j.rejects'");
  CHECK(problem("max_rejected_ratio: 0.666\n").find("more than max_rejected_ratio 0.666;") !=
        std::string::npos);
  Extract job(csv, kJob + "max_rejected: 2\nmax_rejected_ratio: 0.667\n");
  CHECK(job.run().rows_rejected == 2);
  CHECK(job.shape_problems().empty());
}

TEST_CASE("extract: an amount that cannot be read is never made up by control totals") {
  Extract job(kHeader + "1,x,1.00,,\n2,y,abc,,\n",
              kJob + "control_totals: { connector: d, path: control.csv, amount: total }\n");
  job.write("in/control.csv", "total\n1.00\n");
  CHECK(job.problem() ==
        "control totals differ: amount: the source says 1.00, read 1.00 and 1 that cannot be read "
        "(see the rejects)");
}

TEST_CASE("extract: a floating-point amount is a reject, unless the job takes it") {
  const std::string columns = "columns: { amount: { type: money";
  const std::string head = "type: extract\nfrom: { connector: m8, table: t }\ninto: cost\n";
  SourceJobFixture job;
  {
    SqliteDatabase database(job.task.workspace / "m8.db", SqliteAccess::write);
    database.execute("create table t (amount numeric)");
    database.execute("insert into t values (12.3)");
    database.execute("insert into t values (7)");
  }
  job.add_connector("m8", "{ type: sqlite, file: m8.db }");
  job.set_job(head + columns + " } }\n");
  job.run();
  CHECK(job.text("cost") == "7.00|m8/t|2\n");
  CHECK(job.text("j.rejects", "source, line, reason, original") == "m8/t|1|not_exact|12.3\n");
  job.set_job(head + columns + ", inexact: shortest } }\n");
  job.run();
  CHECK(job.text("cost", "amount") == "7.00\n12.30\n");
}

TEST_CASE("extract: a source of rejects alone does not fill the memory") {
  std::string csv = kHeader;
  const std::string filler(2000, 'x');
  for (int i = 0; i < 6000; ++i) csv += "x," + filler + ",1.00,,\n";
  Extract job(csv);
  CHECK(job.run().rows_rejected == 6000);
  CHECK(job.text("j.rejects", "count(*), min(line), max(line), min(length(original))") ==
        "6000|2|6001|2009\n");
}

TEST_CASE("extract: mistakes of the graph are found without reading anything") {
  const auto problems = [](const std::string& rest) {
    SourceJobFixture job;
    job.add_connector("d", "{ type: files, root: in }");
    job.set_job("type: extract\ninto: x\n" + rest);
    const std::string shape = job.shape_problems();
    return shape.empty() ? job.plan_problems() : shape;
  };
  CHECK(problems("from: { connector: d, path: a.csv }\nkey: [idd]\ncolumns: { id: text }\n") ==
        "g.yaml:4:6: key column 'idd' is not one of the columns; did you mean 'id'?");
  CHECK(problems("from: { connector: d, pat: a.csv }\ncolumns: { id: text }\n") ==
        "g.yaml:3:23: no connector knows the option 'pat'; did you mean 'path'?");
  CHECK(
      problems("from: { connector: d, query: x }\ncolumns: { id: text }\n")
          .find(
              "option 'query'; 'tallymill explain files', 'explain postgresql', 'explain sqlite") !=
      std::string::npos);
  CHECK(problems("from: { path: a.csv }\ncolumns: { id: text }\n")
            .find("'from' lacks the option 'connector'") != std::string::npos);
  CHECK(problems("from: { connector: d, path: a.csv, table: t }\ncolumns: { id: text }\n")
            .find("unknown option 'table' for connector 'd' (files)") != std::string::npos);
  CHECK(problems("from: { connector: d, path: a.csv }\n"
                 "columns: { id: { type: text, format: '%Y' } }\n")
            .find("'format' belongs to a date or timestamp, not text") != std::string::npos);
  CHECK(problems("from: { connector: c, path: a.csv }\ninto: a\n"
                 "columns: { id: { type: date, format: '%d.%m' } }\n")
            .find("the pattern has no '%Y'; a date needs %Y, %m and %d") != std::string::npos);
}
