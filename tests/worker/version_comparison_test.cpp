#include "worker/version_comparison.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

Column column(const std::string& name, const Type& type, bool sensitive = false) {
  return {.name = name, .type = type, .sensitive = sensitive};
}

/// Two tables of one engine.
struct Versions {
  Engine engine{{.threads = 1}};

  ComparedRows make(const std::string& name, const std::string& rows, Schema schema) {
    engine.execute("CREATE TEMP TABLE " + name + " AS SELECT * FROM (VALUES " + rows);
    return {name, std::move(schema)};
  }
};

std::string compared(Versions& versions, const ComparedRows& fresh, const ComparedRows& visible,
                     std::int64_t samples = 5) {
  return json::serialize(compare_versions(versions.engine, fresh, visible, samples));
}

}  // namespace

TEST_CASE("version comparison: rows are matched by key, missing keys too, and masked") {
  Versions versions;
  const Schema schema{.columns = {column("k", Type::text()), column("a", Type::text(), true)},
                      .key = {"k"}};
  const auto fresh =
      versions.make("f", "('1', 'x'), ('2', 'y'), ('3', NULL), (NULL, 'n')) t(k, a)", schema);
  const auto visible =
      versions.make("v", "('1', 'x'), ('2', 'z'), ('4', 'q'), (NULL, 'n')) t(k, a)", schema);
  CHECK(compared(versions, fresh, visible) ==
        R"({"new_columns":[],"gone_columns":[],"matched_by":["k"],"equal":2,"added":1,"removed":1,)"
        R"("changed":1,"columns":[{"column":"a","rows":1}],"samples":[{"what":"added","row":"3"},)"
        R"({"what":"removed","row":"4"},{"what":"changed","row":"2","column":"a","visible":"***",)"
        R"("preview":"***"}]})");
}

TEST_CASE("version comparison: a value that reads the same in another type is the same") {
  Versions versions;
  const auto fresh =
      versions.make("f", "('1', 1.50::DECIMAL(18,2), 1)) t(k, a, b)",
                    {.columns = {column("k", Type::text()), column("a", Type::money(2)),
                                 column("b", Type::integer())},
                     .key = {"k"}});
  const auto visible = versions.make(
      "v", "('1', '1.50', 'c')) t(k, a, c)",
      {.columns = {column("k", Type::text()), column("a", Type::text()), column("c", Type::text())},
       .key = {"k"}});
  CHECK(compared(versions, fresh, visible) ==
        R"({"new_columns":["b"],"gone_columns":["c"],"matched_by":["k"],"equal":1,"added":0,)"
        R"("removed":0,"changed":0,"columns":[],"samples":[]})");
}

TEST_CASE("version comparison: without a key that both have, whole rows are counted") {
  Versions versions;
  const Schema schema{.columns = {column("a", Type::text()), column("b", Type::integer())},
                      .key = {}};
  const auto fresh = versions.make("f", "('x', 1), ('x', 1), ('y', 2)) t(a, b)", schema);
  const auto visible = versions.make("v", "('x', 1), ('z', 3)) t(a, b)", schema);
  const std::string counted =
      R"({"new_columns":[],"gone_columns":[],"matched_by":[],"added":2,"removed":1,)"
      R"("samples":[{"what":"added","row":"x|1"},{"what":"added","row":"y|2"},)"
      R"({"what":"removed","row":"z|3"}]})";
  CHECK(compared(versions, fresh, visible) == counted);
  // In the visible version b is no key: two rows have the same.
  ComparedRows keyed = versions.make("k", "('x', 1), ('x', 1), ('y', 2)) t(a, b)", schema);
  keyed.schema.key = {"a"};
  CHECK(compared(versions, visible, keyed).find(R"("matched_by":[])") != std::string::npos);
}

TEST_CASE("version comparison: rows that came from another line are the same rows") {
  Versions versions;
  Schema schema{.columns = {column("k", Type::text())}, .key = {"k"}, .has_provenance = true};
  const auto fresh = versions.make("f", "('1', 'a.csv', 2::BIGINT)) t(k, _source, _line)", schema);
  const auto visible =
      versions.make("v", "('1', 'b.csv', 9::BIGINT)) t(k, _source, _line)", schema);
  CHECK(compared(versions, fresh, visible).find(R"("equal":1)") != std::string::npos);
  schema.key = {"_source", "_line"};
  CHECK(compared(versions, {"f", schema}, {"v", schema})
            .find(R"("samples":[{"what":"added","row":)"
                  R"("a.csv:2"},{"what":"removed","row":)"
                  R"("b.csv:9"}])") != std::string::npos);
}
