#include "worker/row_lineage.h"

#include <doctest/doctest.h>

#include "books/allocation.h"
#include "core/money.h"

using namespace tallymill;

namespace {

const Column kVoucher{.name = "voucher", .type = Type::text()};
const Column kBranch{.name = "branch", .type = Type::text()};
const Column kUser{.name = "user_id", .type = Type::text()};
const Column kTraffic{.name = "traffic", .type = Type::integer()};
const Column kAmount{.name = "amount", .type = Type::money(2)};

/// Vouchers of branches, summed by branch and allocated to the branches' users.
struct Costs {
  Engine engine{{.threads = 2}};
  LineageStage stage;

  Costs(const std::string& vouchers, const std::string& users) {
    engine.execute(
        "CREATE TABLE vouchers(voucher VARCHAR, branch VARCHAR, amount DECIMAL(18,2)); INSERT INTO "
        "vouchers " +
        vouchers +
        "; CREATE TABLE users(user_id VARCHAR, branch VARCHAR, traffic BIGINT); INSERT INTO "
        "users " +
        users);
    books::Allocation allocation(engine,
                                 {.pools = "vouchers",
                                  .sums_pools = true,
                                  .carry = {kBranch},
                                  .pool_key = {"branch"},
                                  .amount = kAmount,
                                  .currency = {},
                                  .minor_units = {},
                                  .receivers = "users",
                                  .receiver_key = {kUser},
                                  .grain_column = {},
                                  .grains = {{.value = {}, .columns = {{"branch", "branch"}}}},
                                  .drivers = {kTraffic},
                                  .driver = "'traffic'",
                                  .driver_error = "NULL",
                                  .rule = {},
                                  .rule_version = {},
                                  .hierarchy = {},
                                  .tree = {},
                                  .previous = {}});
    allocation.prepare();
    engine.execute("CREATE TABLE parts AS " + allocation.parts() + "; CREATE TABLE trace AS " +
                   allocation.trace());
    Diagnostics problems;
    stage.document = YamlDocument::parse("g.yaml",
                                         "pool: { dataset: vouchers, amount: amount, sum_by: "
                                         "branch }\nreceivers: { key: user_id }\n",
                                         problems);
    stage.options = Options(stage.document->root());
    stage.job = "user_cost";
    stage.pools = {"vouchers", "2026-01", "vouchers",
                   schema({kVoucher, kBranch, kAmount}, {"voucher"})};
    stage.receivers = {"users", "2026-01", "users",
                       schema({kUser, kBranch, kTraffic}, {"user_id"})};
    stage.parts = {"user_cost", "2026-01", "parts",
                   schema({kBranch, kUser, kAmount}, {"branch", "user_id"})};
    stage.trace = {"user_cost.trace", "2026-01", "trace",
                   schema({kBranch,
                           {.name = "outcome", .type = Type::text()},
                           {.name = "driver", .type = Type::text()},
                           {.name = "driver_total", .type = Type::text()}},
                          {"branch"})};
  }

  static Schema schema(std::vector<Column> columns, std::vector<std::string> key) {
    return {.columns = std::move(columns), .key = std::move(key)};
  }

  json::object ask(bool down, std::vector<std::pair<std::string, std::string>> key) {
    return RowLineage(engine,
                      {.rows = down ? stage.pools : stage.parts,
                       .key = std::move(key),
                       .down = down,
                       .limit = 0},
                      {stage})
        .answer();
  }
};

std::int64_t piece_of(const json::value& node) {
  return parse_money(json_text(node.as_object(), "piece"), 2).value;
}

const json::array& under(const json::value& node) {
  const json::object& stage = json_at(node.as_object(), "stages").as_array().at(0).as_object();
  return json_at(stage, "rows").as_array();
}

}  // namespace

TEST_CASE("row_lineage: a part is made of units of the rows that its pool is the sum of") {
  Costs costs("VALUES ('V1', 'B1', 0.05), ('V2', 'B1', 0.04), ('V3', 'B1', -0.01)",
              "VALUES ('u1', 'B1', 3), ('u2', 'B1', 1)");
  const json::object up = costs.ask(false, {{"user_id", "u1"}});
  const json::value& part = json_at(up, "rows").as_array().at(0);
  CHECK(json_text(part.as_object(), "row") == "branch B1, user_id u1");
  CHECK(json_text(part.as_object(), "amount") == "0.06");
  REQUIRE(under(part).size() == 2);
  CHECK(json_text(under(part)[0].as_object(), "row") == "voucher V1");
  CHECK(json_text(under(part)[0].as_object(), "piece") == "0.05");
  CHECK(json_text(under(part)[1].as_object(), "row") == "voucher V2");
  CHECK(json_integer(under(part)[1].as_object(), "first") == 1);
  CHECK(json_integer(under(part)[1].as_object(), "last") == 1);
  const json::object& stage = json_at(part.as_object(), "stages").as_array().at(0).as_object();
  CHECK(json_text(stage, "driver_value") == "3");
  CHECK(json_text(stage, "driver_total") == "4");
}

TEST_CASE("row_lineage: every unit has one origin and one end, up and down") {
  Costs costs(
      "SELECT 'V' || (1000 + i), 'B' || (i % 3), CAST((i * 7919 % 5000) * 0.01 + 1 AS "
      "DECIMAL(18,2)) FROM range(40) t(i)",
      "SELECT 'u' || (1000 + i), 'B' || (i % 3), i * 31 % 17 + 1 FROM range(70) t(i)");
  std::int64_t whole = 0;
  for (const bool down : {false, true}) {
    const json::object told = costs.ask(down, {});
    std::int64_t all = 0;
    for (const json::value& node : json_at(told, "rows").as_array()) {
      std::int64_t pieces = 0;
      for (const json::value& piece : under(node)) pieces += piece_of(piece);
      CHECK(pieces == piece_of(node));
      all += pieces;
    }
    if (!down) whole = all;
    CHECK(all == whole);
  }
}

TEST_CASE("row_lineage: a column that is not there is named with the nearest") {
  Costs costs("VALUES ('V1', 'B1', 0.05)", "VALUES ('u1', 'B1', 3)");
  CHECK_THROWS_WITH_AS(
      costs.ask(false, {{"user_idd", "u1"}}),
      "error: dataset 'user_cost' has no column 'user_idd'; did you mean 'user_id'?", Error);
}
