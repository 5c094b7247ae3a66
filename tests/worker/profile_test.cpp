#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

const Schema kCalls = make_schema({{.name = "call", .type = Type::integer()},
                                   {.name = "city", .type = Type::text()},
                                   {.name = "code", .type = Type::text()},
                                   {.name = "phone", .type = Type::text(), .sensitive = true},
                                   {.name = "fee", .type = Type::money(2)}},
                                  {"call"});

json::object profile(const std::string& select, const json::object& more = {},
                     const Schema& schema = kCalls) {
  Attempt attempt("profile");
  attempt.add_input("calls", select, schema);
  attempt.task.mode = TaskMode::query;
  json::object spec{{"query", "profile"}, {"dataset", "calls"}, {"reveal", false}};
  for (const auto& [key, value] : more) spec[key] = value;
  attempt.task.spec = spec;
  const TaskResult result = attempt.run();
  REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  return result.answer.as_object();
}

/// A hundred calls of ten cities, each with its own code but for one row; fees from 0.00 to 0.99.
const char* const kHundred =
    "select i as call, 'city ' || (i % 10) as city, case when i = 17 then 'X' else 'K' || (i % 10) "
    "end as code, case when i < 5 then null else '1380000' || (1000 + i) end as phone, "
    "(i::decimal(18,2) / 100)::decimal(18,2) as fee from range(100) t(i)";

const json::object& column(const json::object& profile, std::size_t index) {
  return profile.at("columns").as_array().at(index).as_object();
}

/// A column with the SQL that makes its value of `i`.
struct MadeColumn {
  Column column;
  std::string sql;
};

/// What a profile tells of each of `columns` of range(rows), all in one dataset.
json::array profile_of(const std::vector<MadeColumn>& columns, int rows) {
  Schema schema;
  std::string select = "select ";
  for (const MadeColumn& made : columns) {
    schema.columns.push_back(made.column);
    select += (schema.columns.size() == 1 ? "" : ", ") + ("(" + made.sql) +
              ")::" + made.column.type.sql() + " as " + made.column.name;
  }
  return profile(select + " from range(" + std::to_string(rows) + ") t(i)", {}, schema)
      .at("columns")
      .as_array();
}

/// A column tells the same alone as among others.
void check_that_columns_are_their_own(const std::vector<MadeColumn>& columns, int rows) {
  const json::array together = profile_of(columns, rows);
  REQUIRE(together.size() == columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    CHECK(json::serialize(together[i]) == json::serialize(profile_of({columns[i]}, rows)[0]));
}

const std::vector<MadeColumn> kMadeColumns{
    {{.name = "id", .type = Type::integer()}, "i * 3"},
    {{.name = "v", .type = Type::text()}, "case when i % 7 = 0 then null else 'K' || i end"},
    {{.name = "fee", .type = Type::money(2)}, "(i % 50)::decimal(18,2) / 4 - 3"},
    {{.name = "day", .type = Type::date()}, "date '2026-01-01' + (i % 31)::int"},
    {{.name = "phone", .type = Type::text(), .sensitive = true}, "'1380000' || (1000 + i)"},
    {{.name = "empty", .type = Type::text()}, "null"},
    {{.name = "rest", .type = Type::integer()}, "case when i % 2 = 0 then null else -i end"},
    {{.name = "at", .type = Type::timestamp()}, "timestamp '2026-01-01' + i * interval 1 hour"},
    {{.name = "is_new", .type = Type::boolean()}, "i % 3 = 0"},
    {{.name = "share", .type = Type::decimal(38, 9)}, "i::decimal(38,9) / 7"},
    {{.name = "mail", .type = Type::text()}, "'a' || i % 40 || '@example.org'"},
    {{.name = "c", .type = Type::text()}, "case when i % 11 = 0 then '' else ' Ａ' || i % 6 end"},
    {{.name = "owed", .type = Type::money(2)}, "case when i % 5 = 0 then null else i % 9 end"},
    {{.name = "days", .type = Type::text()}, "(date '2026-01-01' + (i % 31)::int)::varchar"},
};

}  // namespace

TEST_CASE("profile: counts, ends and quantiles of a number are exact") {
  const json::object answer = profile(kHundred);
  CHECK(json_integer(answer, "rows") == 100);
  const json::object& fee = column(answer, 4);
  CHECK(json_text(fee, "type") == "money");
  CHECK(json_integer(fee, "distinct") == 100);
  CHECK(json_integer(fee, "once") == 100);
  CHECK(json_integer(fee, "zero") == 1);
  CHECK(json_integer(fee, "negative") == 0);
  CHECK(json_text(fee, "min") == "0.00");
  CHECK(json_text(fee, "max") == "0.99");
  CHECK(json_text(fee, "sum") == "49.50");
  // Fifty of a hundred rows have at most 0.49, fifty-one at most 0.50.
  CHECK(json_text(fee.at("quantiles").as_object(), "p50") == "0.49");
  CHECK(json_text(fee.at("quantiles").as_object(), "p99") == "0.98");
}

TEST_CASE("profile: of a sensitive column only counts are told, unless revealed") {
  const json::object hidden = column(profile(kHundred), 3);
  CHECK(json_integer(hidden, "nulls") == 5);
  CHECK(json_integer(hidden, "distinct") == 95);
  CHECK(json::serialize(hidden).find("1380000") == std::string::npos);
  const json::object shown = column(profile(kHundred, {{"reveal", true}}), 3);
  CHECK(json_text(shown, "min") == "13800001005");
}

TEST_CASE("profile: shapes and frequent values of texts, ties in order") {
  const json::object code = column(profile(kHundred), 2);
  CHECK(json::serialize(code.at("shapes")) ==
        R"([{"shape":"A9","rows":99},{"shape":"A","rows":1}])");
  CHECK(json::serialize(code.at("top").as_array().at(0)) == R"({"value":"K0","rows":10})");
  CHECK(json::serialize(code.at("top").as_array().at(9)) == R"({"value":"K7","rows":9})");
}

TEST_CASE("profile: keys are found, pairs only where no column is one") {
  CHECK(json::serialize(profile(kHundred).at("keys")) == R"([["call"],["fee"]])");
  Attempt attempt("profile_pairs");
  attempt.add_input("grid", "select i // 10 as a, i % 10 as b, i % 5 as c from range(100) t(i)",
                    make_schema({{.name = "a", .type = Type::integer()},
                                 {.name = "b", .type = Type::integer()},
                                 {.name = "c", .type = Type::integer()}},
                                {"a", "b"}));
  attempt.task.mode = TaskMode::query;
  attempt.task.spec = json::object{{"query", "profile"}, {"dataset", "grid"}, {"reveal", false}};
  CHECK(json::serialize(attempt.run().answer.as_object().at("keys")) == R"([["a","b"]])");
}

TEST_CASE("profile: what decides what, with its exceptions, and nothing that explains nothing") {
  const json::object answer = profile(kHundred);
  CHECK(json::serialize(answer.at("dependencies")) ==
        R"([{"determinant":"city","dependent":"code","rows":100,"holds":99},)"
        R"({"determinant":"code","dependent":"city","rows":100,"holds":100}])");
}

TEST_CASE("profile: texts that look right and are not") {
  const json::object city = column(
      profile(
          "select * from (values (1::bigint, ' x', 'Ａ1', null::varchar, 1.00::decimal(18,2)), (2, "
          "'y\xC2\xA0', 'n/a', null, 1), (3, 'a\xE2\x80\x8B', null, null, 1), (4, 'a  b', '', "
          "null, 1)) t(call, city, code, phone, fee)"),
      1);
  CHECK(json::serialize(city.at("traps")) ==
        R"([{"trap":"blank at an end","rows":2},{"trap":"blanks in a row","rows":1},)"
        R"({"trap":"invisible character","rows":1}])");
}

TEST_CASE("profile: named formats that nine of ten texts have") {
  const json::object answer = profile(
      "select i::bigint as call, case when i % 10 = 0 then 'nobody' else 'a' || i || "
      "'@example.org' end as city, 'K' || i as code, null::varchar as phone, 1.00::decimal(18,2) "
      "as fee from range(100) t(i)");
  CHECK(json::serialize(column(answer, 1).at("formats")) == R"([{"format":"email","rows":90}])");
  CHECK(json::serialize(column(answer, 3).at("formats")) == "[]");
}

TEST_CASE(
    "profile: a format is found whatever the first values in order, or the frequent ones, are") {
  // 30,000 rows each: 2,500 smallest values that are no address; 1,250 that come twice and are
  // none.
  const json::object answer = profile(
      "select i::bigint as call, case when i < 2500 then '#' || i else 'a' || i || '@example.org' "
      "end as city, case when i < 2500 then 'K' || (i // 2) else 'a' || i || '@example.org' end as "
      "code, null::varchar as phone, 1.00::decimal(18,2) as fee from range(30000) t(i)");
  for (const std::size_t place : {1U, 2U})
    CHECK(json::serialize(column(answer, place).at("formats")) ==
          R"([{"format":"email","rows":27500}])");
}

TEST_CASE("profile: what texts read as, by the parsers that would read them") {
  const json::object city =
      column(profile("select * from (values (1::bigint, '2026/01/31', '12.5', null::varchar, "
                     "1.00::decimal(18,2)), "
                     "(2, '2026/02/30', '-3', null, 1), (3, '2026/02/01', '4.125', null, 1)) "
                     "t(call, city, code, phone, fee)"),
             1);
  CHECK(json::serialize(city.at("reads_as")) ==
        R"([{"type":"date, format %Y/%m/%d","rows":2,"min":"2026-01-31","max":"2026-02-01"}])");
}

TEST_CASE("profile: a dataset without rows has columns and no values") {
  const json::object answer = profile(std::string(kHundred) + " where i < 0");
  CHECK(json_integer(answer, "rows") == 0);
  CHECK(json_integer(column(answer, 1), "distinct") == 0);
  CHECK(column(answer, 1).at("min").is_null());
  CHECK(answer.at("keys").as_array().empty());
  CHECK(answer.at("dependencies").as_array().empty());
}

TEST_CASE("profile: columns that are looked at together tell what each tells alone") {
  for (const int rows : {0, 3000}) {
    CAPTURE(rows);
    check_that_columns_are_their_own(kMadeColumns, rows);
  }
}

TEST_CASE("profile: as many columns are looked at together as their rows and texts allow") {
  const auto texts = [](std::size_t columns, const std::string& sql) {
    std::vector<MadeColumn> made;
    for (std::size_t i = 0; i < columns; ++i)
      made.push_back({{.name = "t" + std::to_string(i), .type = Type::text()},
                      "'" + std::string(i, 'x') + "' || " + sql});
    return made;
  };
  // Three at once, and one remains; then one of texts too long to be with others.
  check_that_columns_are_their_own(texts(4, "i % 100"), 40'000);
  std::vector<MadeColumn> long_ones = texts(3, "i");
  long_ones[1].sql = "repeat('long', 3000) || i";
  check_that_columns_are_their_own(long_ones, 1'000);
}
