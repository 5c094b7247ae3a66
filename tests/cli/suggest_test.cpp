#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

namespace {

/// Two hundred calls of four cities: a code of one shape, some comments missing.
std::string calls() {
  std::string text = "call,city,code,seconds,comment\n";
  for (int i = 0; i < 200; ++i)
    text += std::to_string(1000 + i) + ",city " + std::to_string(i % 4) + ",AB-" +
            std::to_string(100 + i) + "," + std::to_string(i * 3) + "," +
            (i % 50 == 0 ? "" : "fine " + std::string(static_cast<std::size_t>(i % 7), '!')) + "\n";
  return text;
}

}  // namespace

TEST_CASE("suggest: what it writes of a file runs, and finds nothing in that file") {
  ProgramFixture workspace;
  workspace.write("tallymill.yaml",
                  "workspace: calls\nconnectors: { files: { type: files, root: sources } }\n");
  workspace.write("sources/calls.csv", calls());
  const ProgramEnd suggested = workspace.run({"suggest", "sources/calls.csv"});
  REQUIRE(suggested.exit == 0);
  CHECK(contains(suggested.out, R"("seconds": { type: integer, required: true })"));
  CHECK(
      contains(suggested.out,
               R"(in_set: { column: "city", values: ["city 0", "city 1", "city 2", "city 3"] })"));
  CHECK(contains(suggested.out,
                 R"(matches: { column: "code", pattern: "[A-Z]{2}[-][0-9]{3}" }  # 200 of 200)"));
  CHECK(contains(suggested.out, R"(- not_null: { column: "comment", max_ratio: 0.0503 })"));
  CHECK(contains(suggested.out, R"(- unique: ["call"])"));

  std::string jobs = suggested.out;
  jobs.replace(jobs.find("CONNECTOR"), 9, "files");
  workspace.write("graphs/calls.yaml", "graph: calls\nperiod: month\njobs:\n" + jobs);
  const ProgramEnd run = workspace.run({"run", "calls", "--period", "2026-01"});
  CHECK_MESSAGE(run.exit == 0, (run.out + run.err));
  CHECK(contains(run.out, ": all well in "));
  CHECK(contains(workspace.run({"show", "calls_is_as_before.failures"}).out, "4 rows\n"));
  // The four comments that are missing are tolerated, and kept; a fifth city is found.
  workspace.write("sources/calls.csv", calls() + "1200,city 4,AB-300,1,fine\n");
  CHECK(workspace.run({"run", "calls", "--period", "2026-02"}).exit == 3);
}

TEST_CASE("suggest: of no rows nothing is suggested but the columns") {
  ProgramFixture workspace;
  workspace.write("tallymill.yaml", "workspace: calls\n");
  workspace.write("sources/calls.csv", "call,city\n");
  const ProgramEnd suggested = workspace.run({"suggest", "sources/calls.csv"});
  CHECK(suggested.exit == 0);
  CHECK(contains(suggested.out, "# calls has no rows, and of nothing nothing can be suggested.\n"));
  CHECK(contains(suggested.out, "\"city\": { type: text }\n"));
  CHECK_FALSE(contains(suggested.out, "type: check"));
}

TEST_CASE("suggest: digits with a zero in front are a code, not a number") {
  ProgramFixture workspace;
  workspace.write("tallymill.yaml",
                  "workspace: calls\nconnectors: { files: { type: files, root: sources } }\n");
  workspace.write("sources/calls.csv", "call,branch,sum\n1,0042,0.50\n2,1700,0\n3,0007,-0.10\n");
  const std::string suggested = workspace.run({"suggest", "sources/calls.csv"}).out;
  CHECK(contains(suggested, R"("branch": { type: text, required: true })"));
  CHECK(contains(suggested, R"("sum": { type: money, required: true })"));
  const std::string profile = workspace.run({"profile", "sources/calls.csv"}).out;
  CHECK(contains(profile, "  branch  zero in front of a number     2\n"));
}

TEST_CASE("suggest: of a dataset it is a check job, with nothing about sensitive values") {
  const ProgramEnd end = finished_books().run({"suggest", "customers"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "  customers_is_as_before:\n    type: check\n    of: customers\n"));
  CHECK(contains(end.out, R"(- format: { column: "phone", is: cn_mobile }  # 2 of 2)"));
  CHECK_FALSE(contains(end.out, "1380000"));
  CHECK_FALSE(contains(end.out, "type: extract"));
}
