#include "../check_fixture.h"
#include "core/files.h"
#include "rules/formats.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

const std::vector<Column> kText{{"t", Type::text()}};

/// Whether the engine finds the format in a text.
bool has_format(Engine& engine, const NamedFormat& format, const std::string& text) {
  const std::string condition = format_condition(engine, format, "t");
  return engine.query("select " + condition + " from (select " + quote_literal(text) + " as t)")
             .text(0, 0) == "true";
}

}  // namespace

TEST_CASE("format: a text with the format passes, null is not applicable") {
  CheckFixture data(kText, "values ('li.na@example.com'), ('li.na'), (null)");
  const CheckResult result = data.run_one("- format: { column: t, is: email }");
  CHECK(result.rows_checked == 2);
  CHECK(result.rows_failed == 1);
  CHECK(result.rows_not_applicable == 1);
  CHECK(result.message ==
        "format(t): 1 of 2 rows failed; expected the format email, such as li.na@example.com");
}

TEST_CASE("format: failing rows say what they have and what was expected") {
  CheckFixture data(kText, "values ('11010519491231002X'), ('11010519491231002x')");
  CHECK(data.findings(data.run("- format: { column: t, is: cn_id_card }"), "_message") ==
        std::vector<std::string>{"t is '11010519491231002x'; expected the format cn_id_card, such "
                                 "as 11010519491231002X"});
}

TEST_CASE("format: of several formats one must hold") {
  CheckFixture data(kText, "values ('2026-01-31'), ('20260131'), ('31/01/2026')");
  const CheckResult result = data.run_one("- format: { column: t, is: [date_iso, date_compact] }");
  CHECK(result.rows_failed == 1);
  CHECK(result.expected == "the format date_iso or date_compact, such as 2026-01-31");
}

TEST_CASE("format: blanks around a value and the empty text are no part of a format") {
  CheckFixture data(kText, "values (' 310000'), ('310000 '), (''), ('310000')");
  CHECK(data.run_one("- format: { column: t, is: cn_postal_code }").rows_failed == 3);
}

TEST_CASE("format: a dataset without rows is not applicable") {
  CheckFixture data(kText, "select 'x' where false");
  CHECK(data.run_one("- format: { column: t, is: email }").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("format: an unknown format and a column that holds no text are refused") {
  CheckFixture data({{"t", Type::text()}, {"n", Type::integer()}}, "values ('a', 1)");
  CHECK(data.problems_of("- format: { column: t, is: emial }\n"
                         "- format: { column: n, is: email }\n") ==
        "t.yaml:1:28: error: there is no format 'emial'; did you mean 'email'?\n"
        "t.yaml:2:21: error: column 'n' is integer; format takes text; a column of that type has "
        "its format already\n");
}

TEST_CASE("formats: every format has a name of its own and holds for its example") {
  Engine engine(EngineSettings{});
  std::string before;
  for (const NamedFormat& format : named_formats()) {
    CAPTURE(format.name);
    CHECK(before < format.name);
    before = format.name;
    CHECK(has_format(engine, format, format.example));
    CHECK_FALSE(has_format(engine, format, " " + format.example + "?"));
  }
  CHECK(named_formats().size() > 40);
}

TEST_CASE("formats: the page lists every format with what it is, and no other") {
  const std::string page =
      read_file(std::filesystem::path(kSourceFolder) / "docs/checks/format.md");
  std::string rows = "| format | is |\n|---|---|\n";
  for (const NamedFormat& format : named_formats())
    rows += "| " + format.name + " | " + format.summary + " |\n";
  CHECK(page.find(rows + "\n##") != std::string::npos);
}

TEST_CASE("formats: texts of standards and of other tools are judged as those say") {
  Engine engine(EngineSettings{});
  const std::string file =
      read_file(std::filesystem::path(kSourceFolder) / "tests/data/formats/vectors.tsv");
  int judged = 0;
  for (const std::string& line : split(file, '\n')) {
    const std::vector<std::string> fields = split(line, '\t');
    if (fields.size() != 4 || fields[0] == "format") continue;
    CAPTURE(line);
    const NamedFormat* format = find_format(fields[0]);
    REQUIRE(format != nullptr);
    CHECK(has_format(engine, *format, fields[2]) == (fields[1] == "valid"));
    ++judged;
  }
  CHECK(judged > 120);
}

TEST_CASE("formats: one wrong digit is found wherever a check digit can find it") {
  Engine engine(EngineSettings{});
  for (const char* name : {"cn_id_card", "cn_uscc", "bank_card", "iban", "ean13", "imei", "isin"}) {
    const NamedFormat* format = find_format(name);
    const std::string& good = format->example;
    for (std::size_t i = 0; i < good.size(); ++i) {
      if (good[i] < '0' || good[i] > '9') continue;
      for (char other = '0'; other <= '9'; ++other) {
        if (other == good[i]) continue;
        std::string bad = good;
        bad[i] = other;
        CAPTURE(name);
        CAPTURE(bad);
        CHECK_FALSE(has_format(engine, *format, bad));
      }
    }
  }
}
