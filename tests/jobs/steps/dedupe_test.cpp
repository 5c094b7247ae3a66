#include <doctest/doctest.h>

#include "datasets/engine.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema user_schema() {
  return {.columns = {text_column("id"), text_column("name"), integer_column("version")},
          .key = {},
          .has_provenance = true};
}

}  // namespace

TEST_CASE("dedupe: of equal rows one stays, missing values are equal, provenance does not count") {
  JobFixture job;
  add_rows(job, "rows", "('u1', NULL, 1, 'a', 7), ('u1', NULL, 1, 'a', 2), ('u1', 'x', 1, 'a', 3)",
           user_schema());
  job.set_steps("  - dedupe: { exact: true }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"u1|x|1|a|3", "u1|-|1|a|2"});
  CHECK(job.rows("j.merged", "id, _reason, _message, _line") ==
        Lines{"u1|duplicate|the same row as a:2|7"});
}

TEST_CASE("dedupe: by columns, the first or last in the declared order survives") {
  JobFixture job;
  const char* rows =
      "('u1', 'old', 1, 'a', 1), ('u1', 'new', 2, 'a', 2), ('u1', 'none', NULL, 'a', 3), ('u2', "
      "'only', 1, 'a', 4)";
  SUBCASE("first") {
    add_rows(job, "rows", rows, user_schema());
    job.set_steps("  - dedupe: { by: id, order: [version desc] }\n");
    job.run();
    CHECK(job.rows("clean", "id, name") == Lines{"u1|new", "u2|only"});
    CHECK(job.rows("j.merged", "name, _message") ==
          Lines{"none|another row has survived: a:2", "old|another row has survived: a:2"});
  }
  SUBCASE("last") {
    add_rows(job, "rows", rows, user_schema());
    job.set_steps("  - dedupe: { by: [id], order: [version desc], keep: last, reason: stale }\n");
    job.run();
    CHECK(job.rows("clean", "id, name") == Lines{"u1|old", "u2|only"});
    CHECK(job.rows("j.merged", "name, _reason") == Lines{"new|stale", "none|stale"});
  }
}

TEST_CASE("dedupe: where the order leaves rows equal all their columns decide, then their place") {
  JobFixture job;
  add_rows(job, "rows",
           "('u1', 'b', 2, 'a', 1), ('u1', 'a', 2, 'a', 2), ('u1', '0', 1, 'a', 3), ('u2', 'x', 1, "
           "'a', 4), ('u2', 'w', 3, 'a', 5), ('u3', 'y', 1, 'a', 7), ('u3', 'y', 1, 'a', 6)",
           user_schema());
  job.set_steps("  - dedupe: { by: id, order: [version desc] }\n");
  job.run();
  CHECK(job.rows("clean", "id, name, _line") == Lines{"u1|a|2", "u2|w|5", "u3|y|6"});
  CHECK(job.rows("j.merged", "id, _survivor, _line") ==
        Lines{"u1|a:2|1", "u1|a:2|3", "u2|a:5|4", "u3|a:6|7"});
}

TEST_CASE("dedupe: steps go on over rows that were alike and rows that were like none") {
  JobFixture job;
  add_rows(job, "rows",
           "('u1', 'b', 2, 'a', 1), ('u1', 'c', 1, 'a', 2), ('u2', 'b', 5, 'a', 3), ('u3', NULL, "
           "1, 'a', 4), ('u4', 'e', 4, 'a', 5)",
           user_schema());
  job.set_job(
      "type: cleanse\nfrom: rows\ninto: clean\nsteps:\n"
      "  - dedupe: { by: id, order: [version desc] }\n"
      "  - default: { column: name, value: none }\n"
      "  - dedupe: { by: name, order: [version desc], reason: same_name }\n"
      "  - fill: { columns: name, from: previous, order: [version] }\n"
      "  - filter: { keep: \"version > 1\" }\n"
      "balance: [version]\n");
  job.run();
  CHECK(job.rows("clean", "id, name") == Lines{"u2|b", "u4|e"});
  CHECK(job.rows("j.merged", "id, name, _reasons") ==
        Lines{"u1|b|same_name", "u1|c|duplicate;filtered"});
  CHECK(job.rows("j.filtered", "id, name") == Lines{"u3|none"});
}

TEST_CASE(
    "dedupe: rows that are set aside leave by later steps, too, and none is lost on the way") {
  JobFixture job;
  // Every tenth of 30,000 rows comes twice; a third of all are filtered behind.
  job.add_input("rows",
                "SELECT 'u' || (CASE WHEN i % 10 = 1 THEN i - 1 ELSE i END) AS id, 'name ' || i AS "
                "name, i AS version, 'a' AS _source, i AS _line FROM range(30000) t(i)",
                user_schema());
  job.set_job(
      "type: cleanse\nfrom: rows\ninto: clean\nchanges: all\nsteps:\n"
      "  - dedupe: { by: id, order: [version desc] }\n"
      "  - case: { column: name, to: upper }\n"
      "  - filter: { keep: \"version % 3 > 0\" }\n"
      "balance: [version]\n");
  job.run();
  CHECK(job.rows("clean", "count(*), min(name)") == Lines{"18000|NAME 1"});
  CHECK(job.rows("j.merged", "count(*)") == Lines{"3000"});
  CHECK(job.rows("j.filtered", "count(*)") == Lines{"9000"});
  CHECK(job.rows("j.changes", "count(*)") == Lines{"18000"});
}

TEST_CASE("dedupe: where no row can stay all of them are still looked at") {
  JobFixture job;
  add_rows(job, "rows", "('u1', 'b', 2, 'a', 1), ('u1', 'c', 1, 'a', 2), ('u2', 'd', 5, 'a', 3)",
           user_schema());
  job.set_steps(
      "  - dedupe: { by: id, order: [version desc] }\n"
      "  - reject: { when: \"true\", reason: nobody }\n");
  job.run();
  CHECK(job.rows("clean").empty());
  CHECK(job.rows("j.rejects", "name") == Lines{"b", "d"});
  CHECK(job.rows("j.merged", "name, _reasons") == Lines{"c|duplicate;nobody"});
}

TEST_CASE("dedupe: rows without a value to compare by are not merged") {
  JobFixture job;
  add_rows(job, "rows", "(NULL, 'a', 1, 'a', 1), (NULL, 'b', 2, 'a', 2)", user_schema());
  job.set_steps("  - dedupe: { by: [id], order: [version] }\n");
  job.run();
  CHECK(job.rows("clean").size() == 2);
  CHECK(job.rows("j.merged").empty());
}

TEST_CASE("dedupe: a row that was rejected never survives instead of a good one") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1), ('u1', 'ok', 1, 'a', 2)", user_schema());
  job.set_steps(
      "  - reject: { when: \"name = ''\", reason: no_name }\n"
      "  - dedupe: { by: [id], order: [version desc] }\n");
  job.run();
  CHECK(job.rows("clean", "name") == Lines{"ok"});
  CHECK(job.rows("j.rejects", "_reasons") == Lines{"no_name;duplicate"});
  CHECK(job.rows("j.merged").empty());
}

TEST_CASE("dedupe: exact duplicates are labelled among rejected rows too") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1), ('u1', '', 9, 'a', 2), ('u1', '', 9, 'a', 3)",
           user_schema());
  job.set_steps(
      "  - reject: { when: \"name = ''\", reason: no_name }\n  - dedupe: { exact: true }\n");
  job.run();
  CHECK(job.report() ==
        R"({"reasons":{"duplicate":{"rows":2,"first":0},"no_name":{"rows":3,"first":3}}})");
}

TEST_CASE("dedupe: it must be said what is equal and who survives") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1)", user_schema());
  job.set_steps(
      "  - dedupe: { by: [id] }\n  - dedupe: { keep: last }\n"
      "  - dedupe: { by: [id], order: [version down] }\n"
      "  - dedupe: { by: [id], order: [versio] }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:19: dedupe by columns needs 'order'; say which row survives, for example order: "
        "[updated_at desc]\n"
        "g.yaml:6:13: step 'dedupe' needs either 'exact: true' or 'by'; or 'prefix' or 'suffix'\n"
        "g.yaml:7:33: 'version down' is no order; expected 'version', 'version asc' or 'version "
        "desc'\n"
        "g.yaml:8:33: there is no column 'versio'; did you mean 'version'?");
}

namespace {

/// id, name, phone, city, updated, source, line
Schema customer_schema() {
  return sourced({text_column("id"), text_column("name"), text_column("phone"), text_column("city"),
                  integer_column("updated")});
}

/// Two sources; c1 and s1 are one customer, c2 another.
constexpr const char* kCustomers =
    "('c1', 'Xinyuan', '02088880001', NULL, 5, 'crm', 1), "
    "('s1', 'Xinyuan Trade', '088880001', 'gz', 9, 'shop', 1), "
    "('c2', 'Tao', '0757', 'fs', 1, 'crm', 2)";

/// All rows of a query over staged datasets; `#name` in it is the dataset's relation.
Lines ask(const JobFixture& job, std::string sql, const Lines& datasets) {
  std::vector<std::filesystem::path> folders;
  for (const std::string& name : datasets) folders.push_back(job.task.folder / "staging" / name);
  Engine engine({.threads = 1, .readable = folders});
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    const std::vector<std::filesystem::path> one{folders[i]};
    for (std::size_t at = sql.find("#" + datasets[i]); at != std::string::npos;
         at = sql.find("#" + datasets[i]))
      sql.replace(at, datasets[i].size() + 1, parquet_relation(one));
  }
  Lines lines;
  for (const auto& cells : engine.query(sql).cells) {
    Lines parts;
    for (const auto& cell : cells) parts.push_back(cell.value_or("-"));
    lines.push_back(join(parts, "|"));
  }
  return lines;
}

}  // namespace

TEST_CASE("dedupe: texts that end, or begin, alike are the same; shorter ones are like nothing") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_steps("  - dedupe: { suffix: { phone: 8 }, order: [updated desc] }\n");
  job.run();
  CHECK(job.rows("clean", "id") == Lines{"c2", "s1"});
  CHECK(job.rows("j.merged", "id, _reason, _rule, _survivor") ==
        Lines{"c1|duplicate|step 1: dedupe|shop:1"});
  job.set_steps("  - dedupe: { prefix: { name: 7 }, suffix: { phone: 9 }, order: [updated] }\n");
  job.run();
  CHECK(job.rows("clean", "id") == Lines{"c1", "c2"});
}

TEST_CASE("dedupe: each column survives by its own rule") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_steps(
      "  - dedupe:\n      suffix: { phone: 8 }\n      order: [id]\n      recency: updated\n"
      "      sources: [shop, crm]\n      survivors: { name: longest, city: first_non_null, phone: "
      "source_priority, updated: max }\n");
  job.run();
  CHECK(job.rows("clean") ==
        Lines{"c1|Xinyuan Trade|088880001|gz|9|crm|1", "c2|Tao|0757|fs|1|crm|2"});
  CHECK(job.rows("j.merged", "id, name, phone, city, updated") ==
        Lines{"s1|Xinyuan Trade|088880001|gz|9"});
  job.set_steps(
      "  - dedupe: { suffix: { phone: 8 }, order: [id], recency: updated, survivors: { name: "
      "most_recent, updated: min } }\n");
  job.run();
  CHECK(job.rows("clean", "id, name, updated") == Lines{"c1|Xinyuan Trade|5", "c2|Tao|1"});
}

TEST_CASE("dedupe: what a rejected row says survives nowhere") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_steps(
      "  - reject: \"id = 's1'\"\n"
      "  - dedupe: { suffix: { phone: 8 }, order: [id], survivors: { city: first_non_null } }\n");
  job.run();
  CHECK(job.rows("clean", "id, city") == Lines{"c1|-", "c2|fs"});
}

TEST_CASE("dedupe: the order of rows decides no value") {
  JobFixture job;
  const auto made = [&](const std::string& rows) {
    add_rows(job, "rows", rows, customer_schema());
    job.set_steps(
        "  - dedupe: { by: phone, order: [updated], survivors: { name: longest, city: "
        "first_non_null } }\n");
    job.run();
    return job.digest("clean") + job.digest("j.merged");
  };
  CHECK(made("('a', 'ab', '1', 'x', 1, 'f', 1), ('b', 'cd', '1', 'y', 1, 'f', 2)") ==
        made("('b', 'cd', '1', 'y', 1, 'f', 2), ('a', 'ab', '1', 'x', 1, 'f', 1)"));
}

TEST_CASE("dedupe: a merge can be undone from merged rows and the log of changes") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_job(
      "type: cleanse\nfrom: rows\ninto: clean\nchanges: all\nsteps:\n"
      "  - dedupe: { suffix: { phone: 8 }, order: [id], survivors: { name: longest, city: "
      "first_non_null } }\n");
  job.run();
  CHECK(job.rows("clean", "id, name, city") == Lines{"c1|Xinyuan Trade|gz", "c2|Tao|fs"});
  CHECK(job.rows("j.merged", "id, _survivor") == Lines{"s1|crm:1"});
  const std::string before =
      "SELECT c.id, CASE WHEN n.step IS NULL THEN c.name ELSE n.before END, CASE WHEN k.step IS "
      "NULL THEN c.city ELSE k.before END FROM #clean c LEFT JOIN #j.changes n ON n._source = "
      "c._source AND n._line = c._line AND n.\"column\" = 'name' LEFT JOIN #j.changes k ON "
      "k._source = c._source AND k._line = c._line AND k.\"column\" = 'city'";
  CHECK(ask(job, before + " UNION ALL SELECT id, name, city FROM #j.merged ORDER BY 1",
            {"clean", "j.changes", "j.merged"}) ==
        Lines{"c1|Xinyuan|-", "c2|Tao|fs", "s1|Xinyuan Trade|gz"});
}

TEST_CASE("dedupe: where registered names differ rows are linked for review, not merged") {
  JobFixture job;
  add_rows(job, "rows",
           "('1', 'Telecom', 'p', 'x', 1, 'f', 1), ('2', 'Telecom', 'p', 'y', 2, 'f', 2), "
           "('3', 'Telecom Foshan', 'p', 'z', 3, 'f', 3), ('4', NULL, 'p', 'z', 4, 'f', 4), "
           "('5', 'Other', 'q', 'z', 5, 'f', 5), ('6', 'Alone', NULL, 'z', 6, 'f', 6)",
           customer_schema());
  const std::string steps =
      "  - dedupe: { by: phone, order: [updated], hierarchy: { differs: name, id: id, into: parent "
      "} }\n";
  job.set_steps(steps);
  job.run();
  CHECK(job.rows("clean", "id, name, parent") ==
        Lines{"1|Telecom|-", "3|Telecom Foshan|1", "5|Other|-", "6|Alone|-"});
  CHECK(job.rows("j.merged", "id, _survivor") == Lines{"2|f:1", "4|f:1"});
  CHECK(job.rows("j.review") ==
        Lines{"f:1|1|1|Telecom|step 1: dedupe|f|1", "f:3|3|1|Telecom Foshan|step 1: dedupe|f|3"});
  CHECK(job.shape.evidence.back().dataset == "j.review");
  const std::string once = job.digest("clean");
  job.feed("clean", "rows");
  job.set_steps(steps);
  job.run();
  CHECK(job.digest("clean") == once);
}

TEST_CASE("dedupe: groups, their order and their links go by the rows as they came") {
  JobFixture job;
  add_rows(job, "rows",
           "('1', 'Old', 'p', 'x', 5, 'f', 1), ('2', 'Old', 'p', 'y', 9, 'f', 2), "
           "('3', 'New', 'p', 'z', 7, 'f', 3)",
           customer_schema());
  job.set_steps(
      "  - dedupe: { by: phone, order: [updated], survivors: { updated: max }, hierarchy: { "
      "differs: name, id: id, into: parent } }\n");
  job.run();
  CHECK(job.rows("clean", "id, name, updated, parent") == Lines{"1|Old|9|-", "3|New|7|1"});
}

TEST_CASE("dedupe: a merge is taken back by a condition that keeps its rows apart") {
  JobFixture job;
  add_rows(job, "rows",
           "('a', 'x', '1', 'gz', 1, 'f', 1), ('b', 'x', '1', 'gz', 2, 'f', 2), "
           "('c', 'x', '1', 'gz', 3, 'f', 3), ('d', 'x', '2', 'gz', 4, 'f', 4)",
           customer_schema());
  job.add_table("kept_apart", "customer\na\nz\n");
  job.set_job(
      "type: cleanse\nfrom: rows\ninto: clean\ntables: [kept_apart]\nsteps:\n"
      "  - dedupe: { by: phone, order: [updated], unless: \"id in (select customer from "
      "kept_apart)\", survivors: { updated: max }, hierarchy: { differs: name, id: id, into: "
      "parent } }\n");
  job.run();
  CHECK(job.rows("clean", "id, updated, parent") == Lines{"a|1|-", "b|3|-", "d|4|-"});
  CHECK(job.rows("j.merged", "id, _survivor") == Lines{"c|f:2"});
  job.set_steps("  - dedupe: { exact: true, unless: \"updated > 1\" }\n");
  job.run();
  CHECK(job.rows("j.merged").empty());
  job.set_steps("  - dedupe: { by: phone, order: [id], unless: \"idd = 'a'\" }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:47: Referenced column \"idd\" not found in FROM clause; candidate bindings: "
        "\"id\", "
        "\"city\"");
}

TEST_CASE("dedupe: a row of which the condition cannot be computed has a reason to leave") {
  JobFixture job;
  add_rows(job, "rows",
           "('a', 'x', '1', 'gz', 9223372036854775807, 'f', 1), ('b', 'x', '1', 'gz', 2, 'f', 2)",
           customer_schema());
  job.set_steps("  - dedupe: { by: phone, order: [id], unless: \"updated * updated = 9\" }\n");
  job.run();
  CHECK(job.rows("clean", "id") == Lines{"b"});
  CHECK(job.rows("j.rejects", "id, _reasons") == Lines{"a|not_computable;duplicate"});
}

TEST_CASE("dedupe: no rows, no groups") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_steps(
      "  - filter: \"updated > 100\"\n  - dedupe: { by: phone, order: [id], survivors: { city: "
      "min }, hierarchy: { differs: name, id: id, into: parent } }\n");
  job.run();
  CHECK(job.rows("clean").empty());
  CHECK(job.rows("j.review").empty());
}

TEST_CASE("dedupe: rules of survival need what they go by, links a column of the id's type") {
  JobFixture job;
  add_rows(job, "rows", kCustomers, customer_schema());
  job.set_steps(
      "  - dedupe: { by: phone, order: [id], survivors: { city: most_recent } }\n"
      "  - dedupe: { by: phone, order: [id], survivors: { city: source_priority } }\n"
      "  - dedupe: { by: phone, order: [id], survivors: { cty: min } }\n"
      "  - dedupe: { prefix: { updated: 3 }, order: [id] }\n"
      "  - dedupe: { by: phone, order: [id], hierarchy: { differs: name, id: id, into: updated } "
      "}\n"
      "  - dedupe: { by: phone, order: [id], hierarchy: { differs: name, id: id, into: id } }\n"
      "  - dedupe: { suffix: { phone: 0 }, order: [id] }\n"
      "  - dedupe: { prefix: { phone: -2 }, order: [id] }\n");
  CHECK(
      job.plan_problems() ==
      "g.yaml:5:58: 'most_recent' needs 'recency'; name the column that says how recent a row is\n"
      "g.yaml:6:58: 'source_priority' needs 'sources'; list the sources, the best first\n"
      "g.yaml:7:52: there is no column 'cty'; did you mean 'city'?\n"
      "g.yaml:8:25: column 'updated' is integer, expected text\n"
      "g.yaml:9:81: column 'updated' is integer, expected text, as 'id' is\n"
      "g.yaml:10:81: 'hierarchy' cannot write into 'id', a column it reads; name a column of its "
      "own, such as parent_id\n"
      "g.yaml:11:32: 'suffix' compares at least 1 character, got 0\n"
      "g.yaml:12:32: 'prefix' compares at least 1 character, got -2");
}
