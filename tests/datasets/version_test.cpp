#include "datasets/version.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

using namespace tallymill;
namespace fs = std::filesystem;

namespace {

Schema bill_schema() {
  Schema schema;
  schema.columns = {{.name = "k", .type = Type::text()},
                    {.name = "amount", .type = Type::money(2)},
                    {.name = "price", .type = Type::decimal(30, 6)},
                    {.name = "qty", .type = Type::integer()},
                    {.name = "day", .type = Type::date()},
                    {.name = "at", .type = Type::timestamp()},
                    {.name = "paid", .type = Type::boolean()}};
  schema.key = {"k"};
  return schema;
}

std::string bills(int rows) {
  return "select 'bill ' || i as k, (i * 1.37)::decimal(18,2) as amount, (i * "
         "0.000123)::decimal(30,6) as price, case when i % 7 = 0 then null else i end::bigint as "
         "qty, date '2026-01-01' + (i % 31)::integer as day, timestamp '2026-01-01 00:00:00' + "
         "to_seconds(i) as at, i % 2 = 0 as paid from range(" +
         std::to_string(rows) + ") r(i)";
}

/// A fresh attempt folder, removed at the end.
struct Attempt {
  Task task;
  explicit Attempt(const std::string& name) {
    task.folder = fs::temp_directory_path() / ("tallymill_version_" + name);
    remove();
    fs::create_directories(task.folder / "staging");
    task.graph = "g";
    task.job = "j";
    task.period = "2026-01";
  }
  ~Attempt() { remove(); }
  void remove() { fs::remove_all(task.folder); }
  EngineSettings settings(int threads) const {
    return {.threads = threads, .writable = {task.folder / "staging"}};
  }
};

std::string digest_of(const std::string& select, int threads = 2) {
  Engine engine({.threads = threads});
  return content_digest(engine, "(" + select + ")", bill_schema());
}

std::string staging_error(const std::string& select, const Schema& schema) {
  Attempt attempt("refused");
  Engine engine(attempt.settings(1));
  try {
    stage_dataset(engine, attempt.task, {.dataset = "bills", .select = select, .schema = schema});
  } catch (const Error& error) {
    return std::string(to_string(error.error_class())) + ": " + error.message();
  }
  return "";
}

Schema small(std::vector<Column> columns, std::vector<std::string> key = {}) {
  Schema schema;
  schema.columns = std::move(columns);
  schema.key = std::move(key);
  return schema;
}

}  // namespace

TEST_CASE("digest: equal rows in any order and at any thread count are equal") {
  const std::string expected = digest_of(bills(50'000), 1);
  CHECK(expected.substr(0, 9) == "v1:50000:");
  CHECK(expected.size() == 9 + 32);
  CHECK(digest_of(bills(50'000), 2) == expected);
  CHECK(digest_of(bills(50'000) + " order by hash(i)") == expected);
}

TEST_CASE("digest: its bytes never change, or every stored version would differ") {
  CHECK(digest_of(bills(3)) == "v1:3:cc2e6e1997dee09c6096dc3418a66b83");
}

TEST_CASE("digest: one flipped digit, null or swapped cell shows") {
  const std::string expected = digest_of(bills(1'000));
  const std::string base = "(" + bills(1'000) + ")";
  for (const char* change :
       {"amount + case when k = 'bill 700' then 0.01 else 0 end as amount",
        "(price + case when k = 'bill 700' then 0.000001 else 0 end)::decimal(30,6) as price",
        "case when k = 'bill 701' then null else qty end as qty",
        "case when k = 'bill 700' then 'bill 70' else k end as k",
        "day + case when k = 'bill 700' then 1 else 0 end as day", "not paid as paid"}) {
    CAPTURE(change);
    const std::string changed = digest_of(
        "select * replace ((" + std::string(change).substr(0, std::string(change).rfind(" as ")) +
        ")" + std::string(change).substr(std::string(change).rfind(" as ")) + ") from " + base);
    CHECK(changed != expected);
  }
}

TEST_CASE("digest: columns and lengths are kept apart") {
  Engine engine({.threads = 1});
  const Schema two =
      small({{.name = "a", .type = Type::text()}, {.name = "b", .type = Type::text()}});
  const auto digest = [&](const std::string& values) {
    return content_digest(engine, "(values " + values + ") t(a, b)", two);
  };
  CHECK(digest("('ab', 'c')") != digest("('a', 'bc')"));
  CHECK(digest("('', null::text)") != digest("(null::text, '')"));
  CHECK(digest("('x', 'y'), ('x', 'y')") != digest("('x', 'y')"));
}

TEST_CASE("staging: writes part, manifest and sums, all read-only") {
  Attempt attempt("stage");
  Engine engine(attempt.settings(2));
  const auto [output, proof] = stage_dataset(
      engine, attempt.task, {.dataset = "bills", .select = bills(10'000), .schema = bill_schema()});
  CHECK(output.folder == "staging/bills");
  CHECK(output.rows == 10'000);
  CHECK(output.amounts.at("amount") == "68493150.00");
  CHECK(output.amounts.at("qty") ==
        engine.query("select sum(qty) from (" + bills(10'000) + ")").text(0, 0));
  CHECK(output.digest == digest_of(bills(10'000)));

  const fs::path folder = attempt.task.folder / output.folder;
  const Manifest manifest = Manifest::read(folder);
  CHECK(manifest.schema == bill_schema());
  CHECK(manifest.digest == output.digest);
  CHECK(manifest.amounts == output.amounts);
  REQUIRE(manifest.files.size() == 1);
  CHECK(manifest.files[0].bytes ==
        static_cast<std::int64_t>(fs::file_size(folder / "part-0000.parquet")));
  for (const char* file : {"part-0000.parquet", "manifest.json"}) {
    struct stat status {};
    REQUIRE(stat((folder / file).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0444U);
  }
}

TEST_CASE("staging: an empty dataset is a version like any other") {
  Attempt attempt("empty");
  Engine engine(attempt.settings(2));
  const auto [output, proof] = stage_dataset(
      engine, attempt.task, {.dataset = "bills", .select = bills(0), .schema = bill_schema()});
  CHECK(output.rows == 0);
  CHECK(output.digest == "v1:0:00000000000000000000000000000000");
  CHECK(output.amounts.at("amount") == "0.00");
  const std::vector<fs::path> folders{attempt.task.folder / output.folder};
  CHECK(engine.query("select count(*) from " + parquet_relation(folders)).text(0, 0) == "0");
}

TEST_CASE("staging: values of every size, so many that no dictionary holds them, come back equal") {
  Attempt attempt("every_size");
  Engine engine(attempt.settings(2));
  const Schema schema = small({{.name = "n", .type = Type::integer()},
                               {.name = "amount", .type = Type::money(2)},
                               {.name = "wide", .type = Type::decimal(38, 4)},
                               {.name = "day", .type = Type::date()},
                               {.name = "moment", .type = Type::timestamp()},
                               {.name = "name", .type = Type::text()}});
  // Both ends of every range, side by side: differences of neighbours do not fit the type.
  engine.execute(
      "create temp table rows as select case i % 5 when 0 then null when 1 then "
      "-9223372036854775808 when 2 then 9223372036854775807 else (hash(i)::hugeint - "
      "9223372036854775808)::bigint end as n, ((hash(i, 2) % "
      "1999999999999999999::ubigint)::hugeint "
      "- 999999999999999999) * 0.01::decimal(3,2) as amount, (hash(i, 3)::hugeint * "
      "1000000000)::decimal(38,0) * 0.0001::decimal(5,4) as wide, date '0001-01-01' + (hash(i, 4) "
      "% "
      "3000000)::integer as day, timestamp '1970-01-01' + to_microseconds((hash(i, 5) % "
      "100000000000000000::ubigint)::bigint) as moment, case when i % 3 = 0 then null else "
      "repeat(chr(65 "
      "+ (i % 26)::integer), (i % 40)::integer) || hash(i, 6) end as name from range(300000) r(i)");
  const std::string select =
      "select n, amount::decimal(18,2) as amount, wide::decimal(38,4) as wide, day, moment, name "
      "from "
      "rows";
  const StagedDataset staged = stage_dataset(
      engine, attempt.task, {.dataset = "values", .select = select, .schema = schema});
  CHECK(staged.output.rows == 300000);
  CHECK(staged.output.digest == content_digest(engine, "(" + select + ")", schema));
}

TEST_CASE("staging: a double never becomes money") {
  CHECK(staging_error("select 1.5::double as amount",
                      small({{.name = "amount", .type = Type::money(2)}})) ==
        "config: dataset 'bills': column 'amount' is DOUBLE, expected DECIMAL(18,2) (money)");
}

TEST_CASE("staging: columns are exactly the declared ones") {
  const Schema schema = small({{.name = "k", .type = Type::text()}});
  CHECK(staging_error("select 'a' as x", schema) ==
        "config: dataset 'bills': column 'k' is missing");
  CHECK(staging_error("select 'a' as k, 1 as x", schema) ==
        "config: dataset 'bills': column 'x' is not declared");
}

TEST_CASE("staging: duplicate keys are named, sensitive ones masked") {
  const Schema schema = small({{.name = "k", .type = Type::text()},
                               {.name = "phone", .type = Type::text(), .sensitive = true}},
                              {"k", "phone"});
  CHECK(staging_error("select * from (values ('a', '138'), ('a', '138'), ('b', '1'), ('c', '2'), "
                      "('c', '2'), ('c', '2')) t(k, phone)",
                      schema) ==
        "data: dataset 'bills': 2 keys (k, phone) are not unique; first: ('a', ***) 2 times, "
        "('c', ***) 3 times");
}

TEST_CASE("staging: what the schema forbids is refused") {
  const Schema schema = small({{.name = "k", .type = Type::text()},
                               {.name = "kind", .type = {TypeKind::enumeration, 0, 0, {"x", "y"}}},
                               {.name = "rate", .type = Type::decimal(4, 2)},
                               {.name = "note", .type = Type::text(), .required = true}},
                              {"k"});
  const auto error = [&](const std::string& row) {
    return staging_error("select * from (values " + row + ") t(k, kind, rate, note)", schema);
  };
  CHECK(error("('a', 'x', 99.99::decimal(18,2), '')") == "");
  CHECK(error("(null::text, 'x', 1::decimal(18,2), '')") ==
        "data: dataset 'bills': key column 'k' has no value in 1 row");
  CHECK(error("('a', 'z', 1::decimal(18,2), ''), ('b', 'z', 1, '')") ==
        "data: dataset 'bills': column 'kind' has a value that is not one of x, y in 2 rows");
  CHECK(error("('a', 'x', 100::decimal(18,2), '')") ==
        "data: dataset 'bills': column 'rate' has more digits than decimal(4,2) in 1 row");
  CHECK(error("('a', 'x', 1::decimal(18,2), null::text)") ==
        "data: dataset 'bills': required column 'note' has no value in 1 row");
}

TEST_CASE("staging: evidence keeps the rows as they were found") {
  Attempt attempt("evidence");
  Engine engine(attempt.settings(1));
  Schema schema = small({{.name = "k", .type = Type::text(), .required = true}}, {"k"});
  schema.has_provenance = true;
  const auto [output, proof] = stage_dataset(
      engine, attempt.task,
      {.dataset = "j.rejects",
       .select = "select * from (values (null::text, 'a.csv', 1::bigint), (null, 'a.csv', 1)) "
                 "t(k, _source, _line)",
       .schema = schema,
       .evidence = true});
  CHECK(output.rows == 2);
  CHECK(output.folder == "staging/j.rejects");
}

TEST_CASE("staging: where rows come from has a digest of its own") {
  Attempt attempt("provenance");
  Engine engine(attempt.settings(2));
  Schema schema = small({{.name = "k", .type = Type::text()}}, {"k"});
  const std::string without =
      stage_dataset(engine, attempt.task,
                    {.dataset = "without", .select = "select 'a' as k", .schema = schema})
          .output.provenance;
  CHECK(without.empty());
  schema.has_provenance = true;
  const auto staged = [&](const std::string& dataset, const std::string& rows) {
    return stage_dataset(engine, attempt.task,
                         {.dataset = dataset,
                          .select = "select * from (values " + rows + ") t(k, _source, _line)",
                          .schema = schema})
        .output;
  };
  const TaskOutput made = staged("made", "('a', 'x.csv', 1::bigint), ('b', 'x.csv', 2)");
  const TaskOutput shuffled = staged("shuffled", "('b', 'x.csv', 2::bigint), ('a', 'x.csv', 1)");
  const TaskOutput reordered = staged("reordered", "('b', 'x.csv', 1::bigint), ('a', 'x.csv', 2)");
  const TaskOutput renamed = staged("renamed", "('a', 'y.csv', 1::bigint), ('b', 'y.csv', 2)");
  const TaskOutput corrected = staged("corrected", "('a', 'x.csv', 1::bigint), ('c', 'x.csv', 2)");
  CHECK(made.provenance.starts_with("v1:2:"));
  CHECK(made.provenance != made.digest);
  CHECK(shuffled.digest == made.digest);
  CHECK(shuffled.provenance == made.provenance);
  for (const TaskOutput* other : {&reordered, &renamed}) {
    CHECK(other->digest == made.digest);
    CHECK(other->provenance != made.provenance);
  }
  CHECK(corrected.digest != made.digest);
  CHECK(corrected.provenance != made.provenance);
  const Manifest manifest = Manifest::read(attempt.task.folder / made.folder);
  CHECK(manifest.provenance == made.provenance);
  // The content digest is the same whether there is provenance or not.
  CHECK(content_digest(engine, "(select 'a' as k union all select 'b')", schema) == made.digest);
}

TEST_CASE("staging: the provenance digest of no rows is that of nothing") {
  Attempt attempt("no_provenance");
  Engine engine(attempt.settings(1));
  Schema schema = small({{.name = "k", .type = Type::text()}});
  schema.has_provenance = true;
  const TaskOutput output =
      stage_dataset(engine, attempt.task,
                    {.dataset = "none",
                     .select = "select 'a' as k, 'x' as _source, 1::bigint as _line where false",
                     .schema = schema})
          .output;
  CHECK(output.provenance == "v1:0:00000000000000000000000000000000");
}

TEST_CASE("manifest: one from before provenance had a digest is still read") {
  Manifest manifest;
  manifest.provenance = "v1:0:0";
  json::object object = manifest.to_json();
  CHECK(Manifest::from_json(object).provenance == "v1:0:0");
  object.erase("provenance");
  CHECK(Manifest::from_json(object).provenance.empty());
}

TEST_CASE("manifest: a folder without one is named") {
  try {
    (void)Manifest::read("/nowhere/version");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "error: there is no manifest.json in the version's folder\n"
          "  while reading the dataset version in /nowhere/version");
  }
}

TEST_CASE(
    "version: rows that come later stand in a file of their own, and are of the same version") {
  const auto staged = [](const std::string& first, const std::function<std::string()>& more) {
    Attempt attempt("parts");
    Engine engine(attempt.settings(2));
    const TaskOutput output =
        stage_dataset(engine, attempt.task,
                      {.dataset = "bills", .select = first, .schema = bill_schema(), .more = more})
            .output;
    const fs::path folder = attempt.task.folder / output.folder;
    std::vector<std::string> names;
    for (const Manifest::File& file : Manifest::read(folder).files) {
      CHECK(file.bytes == static_cast<std::int64_t>(fs::file_size(folder / file.name)));
      names.push_back(file.name);
    }
    return std::pair(output.digest + " " + output.amounts.at("amount"), join(names, " "));
  };
  const auto some = [](const std::string& condition) {
    return "from (" + bills(1000) + ") where " + condition;
  };
  const auto whole = staged(bills(1000), {});
  CHECK(whole.second == "part-0000.parquet");
  const auto parts =
      staged(some("qty < 900"), [&] { return some("not coalesce(qty < 900, false)"); });
  CHECK(parts.first == whole.first);
  CHECK(parts.second == "part-0000.parquet part-0001.parquet");
  const auto none = staged(bills(1000), [&] { return some("false"); });
  CHECK(none == whole);
  CHECK_THROWS_WITH_AS(staged(bills(10), [] { return bills(1); }), doctest::Contains("bill 0"),
                       Error);
  CHECK_THROWS_WITH_AS(staged(bills(10), [] { return std::string("select 'x' as k"); }),
                       doctest::Contains("column 'amount' is missing"), Error);
}

TEST_CASE("version: of rows in two files that share a key the ones to keep are written anew") {
  Attempt attempt("parts_anew");
  Engine engine(attempt.settings(2));
  StageRequest request{.dataset = "bills", .select = bills(10), .schema = bill_schema()};
  request.more = [] { return bills(5); };
  request.without_duplicates = [](const std::string& relation) {
    return "select distinct * from " + relation;
  };
  const TaskOutput output = stage_dataset(engine, attempt.task, request).output;
  CHECK(output.rows == 10);
  CHECK(output.digest == digest_of(bills(10)));
  CHECK(Manifest::read(attempt.task.folder / output.folder).files.size() == 1);
}
