#include "cli/run_results.h"

#include <doctest/doctest.h>

#include <set>

#include "json_schema_check.h"
#include "orders_workspace.h"
#include "tests/folders.h"

using namespace tallymill;
namespace fs = std::filesystem;

namespace {

const fs::path kDocs = fs::path(kSourceFolder) / "docs";

json::value schema() {
  return parse_json(read_file(kDocs / "results.schema.json"), "results.schema.json");
}

void check_schema(const json::object& results) {
  for (const std::string& problem : JsonSchemaCheck(schema()).problems(results))
    FAIL_CHECK(problem);
}

/// The keys of every object that the schema describes.
void collect_keys(const json::value& value, std::set<std::string>& keys) {
  if (const json::array* array = value.if_array())
    for (const json::value& item : *array) collect_keys(item, keys);
  if (const json::object* object = value.if_object())
    for (const auto& member : *object) {
      if (member.key() == "properties")
        for (const auto& property : member.value().as_object()) keys.emplace(property.key());
      collect_keys(member.value(), keys);
    }
}

}  // namespace

TEST_CASE("run results: every document fits its schema, whatever became of the run") {
  check_schema(results_of(finished_orders()));
  check_schema(results_of(finished_orders(), {"--sample", "3", "--metrics"}));
  OrdersWorkspace waiting;
  waiting.write(
      "graphs/orders.yaml",
      "graph: orders\ndescription: d\nperiod: month\njobs:\n  yes:\n    type: approval\n");
  CHECK(waiting.run_month("2026-01").exit == 4);
  const json::object results = results_of(waiting);
  CHECK(json_text(results, "verdict") == "waiting");
  CHECK(!json_boolean(results, "success"));
  check_schema(results);
}

TEST_CASE("run results: the document says what each key of the schema means") {
  const std::string document = read_file(kDocs / "results.md");
  std::set<std::string> keys;
  collect_keys(schema(), keys);
  CHECK(keys.size() > 60);
  for (const std::string& key : keys)
    CHECK_MESSAGE((contains(document, "`" + key + "`") || contains(document, "`jobs[]." + key)),
                  key);
}

TEST_CASE("run results: a run in numbers") {
  const json::object results = results_of(finished_orders());
  CHECK(json_text(results, "verdict") == "failed");
  CHECK(json_integer(results, "exit") == 1);
  CHECK(!json_boolean(results, "success"));
  const json::object& statistics = json_at(results, "statistics").as_object();
  CHECK(json::serialize(json_at(statistics, "checks")) ==
        R"({"total":5,"pass":1,"warn":1,"fail":2,"not_applicable":1,"pass_ratio":"0.25"})");
  const json::object& jobs = json_at(statistics, "jobs").as_object();
  CHECK(json_integer(jobs, "total") == 7);
  CHECK(json_integer(jobs, "failed") == 2);
  CHECK(json_integer(jobs, "cancelled") == 1);
}

TEST_CASE("run results: a check with all it found, where it stands and what it tolerates") {
  const json::object job =
      job_in(results_of(finished_orders(), {"--sample", "5"}), "orders_are_sound");
  const json::object check = check_in(job, "not_null(city)");
  CHECK(json_text(check, "check") == "not_null");
  CHECK(json_text(check, "dataset") == "orders");
  CHECK(json_at(check, "digests").as_array().size() == 1);
  CHECK(json_text(check, "where") == "graphs/orders.yaml:19");
  CHECK(json_text(check, "outcome") == "fail");
  CHECK(json_at(check, "success") == json::value(false));
  CHECK(json_integer(check, "rows_checked") == 3);
  CHECK(json_integer(check, "rows_failed") == 1);
  CHECK(json_text(check, "ratio") == "0.333333333");
  CHECK(json::serialize(json_at(check, "tolerance")) == R"({"max_ratio":"0.25"})");
  const json::array& sample = json_at(check, "sample").as_array();
  REQUIRE(sample.size() == 1);
  const json::object& row = sample[0].as_object();
  CHECK(json_text(row, "order_id") == "2");
  CHECK(json_at(row, "city").is_null());
  CHECK(json_text(row, "phone") == "***");
  CHECK(json_text(row, "_source") == "orders-2026-02.csv");
  CHECK(json_text(row, "_line") == "3");
  CHECK(json_text(check_in(job, "format(phone)"), "outcome") == "warn");
  CHECK(json_at(check_in(job, "in_range(amount)"), "success").is_null());
  CHECK(json_at(check_in(job, "unique(order_id)"), "success") == json::value(true));
  CHECK(!json_boolean(json_at(job, "gate").as_object(), "passed"));
}

TEST_CASE("run results: samples are of each check, rejects and breaks are of their job") {
  const json::object results = results_of(finished_orders(), {"--sample", "1"});
  const json::object checks = job_in(results, "orders_are_sound");
  CHECK(json_at(check_in(checks, "in_set(city)"), "sample").as_array().size() == 1);
  CHECK(json_at(check_in(checks, "format(phone)"), "sample").as_array().size() == 1);
  CHECK(json_at(json_at(checks, "turned_away").as_object(), "sample").as_array().empty());
  const json::object rejects = json_at(job_in(results, "orders"), "turned_away").as_object();
  CHECK(json_text(rejects, "dataset") == "orders.rejects");
  CHECK(json_integer(rejects, "rows") == 1);
  CHECK(json_at(rejects, "sample").as_array().size() == 1);
  const json::object breaks = job_in(results, "same_orders");
  CHECK(json_text(json_at(breaks, "turned_away").as_object(), "dataset") == "same_orders.breaks");
  CHECK(json_integer(json_at(breaks, "findings").as_object(), "error") == 1);
}

TEST_CASE("run results: without --sample no row is read") {
  const json::object check =
      check_in(job_in(results_of(finished_orders()), "orders_are_sound"), "not_null(city)");
  CHECK(json_at(check, "sample").is_null());
}

TEST_CASE("run results: a job that could not run has its error, one behind it its reason") {
  const json::object results = results_of(finished_orders());
  const json::object lost = job_in(results, "lost");
  CHECK(json_text(json_at(lost, "error").as_object(), "class") == "data");
  CHECK(contains(json_text(json_at(lost, "error").as_object(), "message"), "no such file"));
  CHECK(json_at(lost, "books").is_null());
  CHECK(contains(json_text(job_in(results, "copy"), "reason"), "orders_are_sound"));
}

TEST_CASE("run results: two workspaces give the same bytes, times stand apart") {
  OrdersWorkspace other;
  other.run_month("2026-01");
  other.run_month("2026-02");
  const auto text = [](ProgramFixture& workspace) {
    std::string all = workspace.run({"report", "orders", "--json", "--sample", "3"}).out;
    const std::string root = workspace.root().string();
    for (std::size_t at = all.find(root); at != std::string::npos; at = all.find(root))
      all.replace(at, root.size(), "WORKSPACE");
    return all;
  };
  const std::string first = text(finished_orders());
  CHECK(first == text(other));
  CHECK(!contains(first, "started_at"));
  const json::object metrics = json_at(results_of(other, {"--metrics"}), "metrics").as_object();
  CHECK(json_text(metrics, "started_at").size() > 20);
  CHECK(json_at(metrics, "jobs").as_array().size() == 7);
}

TEST_CASE("run results: of a job that is up to date, those of the run that made its result") {
  OrdersWorkspace orders;
  orders.run_month("2026-02");
  const json::object before = job_in(results_of(orders, {"--sample", "2"}), "orders_are_sound");
  orders.run_month("2026-02");
  const json::object again = job_in(results_of(orders, {"--sample", "2"}), "orders_are_sound");
  CHECK(json_text(again, "state") == "up_to_date");
  CHECK(json_text(again, "made_by") == "orders.2026-02.1");
  CHECK(json_at(again, "checks") == json_at(before, "checks"));
}

TEST_CASE("run results: rows that are no longer kept are not those of another run") {
  OrdersWorkspace orders;
  orders.run_month("2026-02");
  for (const auto& entry : fs::recursive_directory_iterator(orders.state()))
    if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
  fs::remove_all(orders.state() / "datasets" / "orders_are_sound.failures");
  const json::object job = job_in(results_of(orders, {"--sample", "2"}), "orders_are_sound");
  CHECK(!json_boolean(json_at(job, "turned_away").as_object(), "kept"));
  CHECK(json_at(check_in(job, "not_null(city)"), "sample").is_null());
}

TEST_CASE("run results: on a terminal every check has a line, and so has what is no check") {
  const std::string text = finished_orders().run({"report", "orders"}).out;
  CHECK(
      text.starts_with("orders 2026-02, run orders.2026-02.1: failed\n"
                       "5 checks: 1 passed, 2 failed, 1 warned, 1 not applicable\n"
                       "  job               check             severity  outcome  "));
  CHECK(contains(text, "graphs/orders.yaml:19\n"));
  CHECK(contains(text, "\nsame_orders: 1 finding\n"));
  CHECK(contains(text, "\nlost failed (data): graphs/orders.yaml:"));
}
