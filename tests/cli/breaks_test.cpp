#include <doctest/doctest.h>

#include "connectors/xlsx/workbook_reader.h"
#include "dealer_balances.h"

using namespace tallymill;

TEST_CASE("breaks: prints what is open, and counts it by a column") {
  DealerBalances books;
  REQUIRE(books.month("2026-01").exit == 0);
  const ProgramEnd all = books.run({"breaks", "agree"});
  CHECK_MESSAGE(all.exit == 0, all.err);
  CHECK(contains(all.out, "3 rows\n"));
  CHECK(contains(all.out, "break_id"));
  CHECK(contains(all.out, "***"));
  CHECK_FALSE(contains(all.out, "left_rows"));
  REQUIRE(books.month("2026-02").exit == 0);
  CHECK(contains(books.run({"breaks", "agree", "--open"}).out, "2 rows\n"));
  CHECK(contains(books.run({"breaks", "agree", "--open", "--period", "2026-01"}).out, "3 rows\n"));
  CHECK(contains(books.run({"breaks", "agree", "--open", "--where", "difference < -1"}).out,
                 "1 row\n"));
  CHECK(books.run({"breaks", "agree", "--by", "lifecycle", "--csv"}).out ==
        "lifecycle,breaks,difference,open,open_difference,pending\n"
        "persisting,2,-9.50,2,-9.50,0\nresolved,1,-1.00,0,0.00,0\n");
}

TEST_CASE("breaks: a sheet hides sensitive keys, as CSV and as a workbook") {
  DealerBalances books;
  REQUIRE(books.month("2026-01").exit == 0);
  const std::string csv = (books.root() / "b.csv").string();
  const ProgramEnd written = books.run({"breaks", "agree", "--export", csv});
  CHECK(written.out ==
        "3 breaks of agree for 2026-01 in " + csv +
            "\nfill in owner, note, pending_until, resolution, leave the columns that begin with "
            "'_', then: tallymill resolve agree " +
            csv + " --reason TEXT\n");
  CHECK(contains(read_file(csv), ",***,2.00,2.50,-0.50,amount,"));
  const std::string open = (books.root() / "open.csv").string();
  REQUIRE(books.run({"breaks", "agree", "--export", open, "--reveal", "--reason", "t"}).exit == 0);
  CHECK(contains(read_file(open), ",B,2.00,2.50,-0.50,amount,"));
  const std::string workbook = (books.root() / "b.xlsx").string();
  REQUIRE(books.run({"breaks", "agree", "--export", workbook}).exit == 0);
  const ProgramEnd same = books.run({"resolve", "agree", workbook, "--reason", "t", "--dry-run"});
  CHECK_MESSAGE(same.out == "nothing is said: no cell of b.xlsx differs from what is known\n",
                same.err);
}

TEST_CASE("breaks: says what there is where nothing is carried forward") {
  DealerBalances books;
  CHECK(contains(books.run({"breaks", "agree"}).err, "nothing has run in this workspace yet"));
  REQUIRE(books.month("2026-01").exit == 0);
  CHECK(books.run({"breaks", "agre", "--open"}).err ==
        "error: no job 'agre' carries breaks forward; did you mean 'agree'?\n");
  CHECK(books.run({"breaks", "ours", "--open"}).err ==
        "error: no job 'ours' carries breaks forward; those that do are agree\n");
  CHECK(books.run({"breaks", "agree", "--period", "2025-12"}).err ==
        "error: job 'agree' has carried no breaks forward for 2025-12\n");
  CHECK(books.run({"breaks", "agree", "--by", "ownr"}).err ==
        "error: --by: 'agree.open_breaks' has no column 'ownr'; did you mean 'owner'?\n");
}

TEST_CASE("breaks: a job without life shows those it found last") {
  DealerBalances books("");
  REQUIRE(books.month("2026-01").exit == 0);
  CHECK(contains(books.run({"breaks", "agree"}).out, "3 rows\n"));
  CHECK(books.run({"breaks", "agree", "--by", "class", "--csv"}).out ==
        "class,breaks,difference\namount,2,-1.50\nright_only,1,-9.00\n");
  CHECK(books.run({"breaks", "agree", "--open"}).err ==
        "error: no job 'agree' carries breaks forward; a reconcile job does so with 'life:'\n");
}

TEST_CASE("breaks: a workbook also has the statement, a summary and the classes of both sides") {
  DealerBalances books;
  REQUIRE(books.month("2026-01").exit == 0);
  const std::string workbook = (books.root() / "b.xlsx").string();
  REQUIRE(books.run({"breaks", "agree", "--export", workbook}).exit == 0);
  xlsx::WorkbookReader first(workbook);
  CHECK(first.sheets() == std::vector<std::string>{"breaks", "statement", "summary", "classes"});
  const auto texts = [&](const std::string& sheet) {
    xlsx::WorkbookReader reader(workbook, sheet);
    std::string text;
    for (xlsx::Row row; reader.next(row);) {
      for (const xlsx::Cell& cell : row.cells) text += cell.text + " ";
      text += "\n";
    }
    return text;
  };
  CHECK(contains(texts("statement"), "new 3 -10.5 \n"));
  CHECK(contains(texts("statement"), "closing 3 -10.5 \n"));
  CHECK(contains(texts("summary"), "amount new 0-7 2 -1.5 2 0 \n"));
  CHECK(contains(texts("classes"), "right_only 1 0 1 0 9 -9 \n"));
}

TEST_CASE("breaks: a script would bring the right side to the left, row by row as it was seen") {
  DealerBalances books;
  REQUIRE(books.month("2026-01").exit == 0);
  const std::string script = (books.root() / "fix.sql").string();
  CHECK(books.run({"breaks", "agree", "--fix", script}).err ==
        "error: statements need the table they change: --table NAME\n");
  CHECK(books.run({"breaks", "agree", "--fix", "fix.txt"}).err ==
        "error: --fix writes a .sql or a .csv file, got 'fix.txt'\n");
  CHECK(books.run({"breaks", "agree", "--fix", script, "--table", "crm.dealers"}).err ==
        "error: column 'dealer' is sensitive, and its values would stand in the file; add --reveal "
        "and --reason, which are put on record\n");
  const ProgramEnd written = books.run({"breaks", "agree", "--fix", script, "--table",
                                        "crm.dealers", "--reveal", "--reason", "mending"});
  CHECK_MESSAGE(written.out == "3 changes in " + script + "\n", written.err);
  CHECK(
      read_file(script) ==
      "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n"
      "BEGIN;\n"
      "UPDATE \"crm\".\"dealers\" SET \"balance\" = 2.00 WHERE \"dealer\" = 'B' AND \"balance\" = "
      "2.50;\n"
      "UPDATE \"crm\".\"dealers\" SET \"balance\" = 3.00 WHERE \"dealer\" = 'C' AND \"balance\" = "
      "4.00;\n"
      "DELETE FROM \"crm\".\"dealers\" WHERE \"dealer\" = 'D' AND \"balance\" = 9.00;\n"
      "COMMIT;\n");
}

TEST_CASE("breaks: a script writes amounts in the unit, sign and currency of the right side") {
  ProgramFixture books;
  books.write("tallymill.yaml",
              "workspace: fen\ncurrency: { code: CNY, scale: 2 }\n"
              "connectors: { files: { type: files, root: sources } }\n");
  const std::string graph =
      "graph: bills\nperiod: month\njobs:\n"
      "  ours:\n    type: extract\n    from: { connector: files, path: ours.csv }\n    into: ours\n"
      "    key: [no]\n    columns: { no: text, currency: text, amount: money }\n"
      "  theirs:\n    type: extract\n    from: { connector: files, path: theirs.csv }\n"
      "    into: theirs\n    key: [no]\n    columns: { no: text, coin: text, fen: integer }\n"
      "  agree:\n    type: reconcile\n"
      "    left: { dataset: ours, key: no, amount: amount, currency: currency }\n"
      "    right: { dataset: theirs, key: no, amount: fen, currency: coin, factor: \"0.01\", "
      "negate: true }\n"
      "    severity: warn\n";
  books.write("graphs/bills.yaml", graph);
  books.write("sources/ours.csv",
              "no,currency,amount\nA,CNY,1.00\nB,CNY,2.50\nC,EUR,3.00\nD,EUR,4.00\n");
  books.write("sources/theirs.csv", "no,coin,fen\nA,CNY,-100\nB,CNY,-200\nD,USD,-400\nE,USD,-7\n");
  REQUIRE(books.run({"run", "bills", "--period", "2026-01"}).exit == 0);
  const std::string script = (books.root() / "fix.sql").string();
  const ProgramEnd written = books.run({"breaks", "agree", "--fix", script, "--table", "bill"});
  CHECK_MESSAGE(written.out ==
                    "3 changes in " + script + "; left out: 1 break of amounts of two currencies\n",
                written.err);
  CHECK(read_file(script) ==
        "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n"
        "-- Left out: 1 break of amounts of two currencies.\n"
        "BEGIN;\n"
        "UPDATE \"bill\" SET \"fen\" = -250 WHERE \"no\" = 'B' AND \"coin\" = 'CNY' AND \"fen\" = "
        "-200;\n"
        "INSERT INTO \"bill\" (\"no\", \"coin\", \"fen\") VALUES ('C', 'EUR', -300);\n"
        "DELETE FROM \"bill\" WHERE \"no\" = 'E' AND \"coin\" = 'USD' AND \"fen\" = -7;\n"
        "COMMIT;\n");
  std::string pairs = graph;
  pairs.replace(pairs.find("    severity"), 0, "    duplicates: pair\n");
  books.write("graphs/bills.yaml", pairs);
  CHECK(books.run({"breaks", "agree", "--fix", script, "--table", "bill"}).err ==
        "error: rows of the right side of 'agree' may be equal in key and amount ('duplicates: "
        "pair'), so no statement finds the one to change\n");
  std::string param = graph;
  param.replace(param.find("\"0.01\""), 6, "param(unit)");
  books.write("graphs/bills.yaml",
              param.replace(param.find("jobs:"), 0,
                            "params: { unit: { type: \"decimal(9,2)\", default: \"0.01\" } }\n"));
  CHECK(
      books.run({"breaks", "agree", "--fix", script, "--table", "bill"}).err ==
      "error: the factor of the right side of 'agree' is a parameter, which may have been another "
      "when the breaks were found; write the number\n");
}
