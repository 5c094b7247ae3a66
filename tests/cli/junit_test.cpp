#include "cli/junit.h"

#include <doctest/doctest.h>

#include <map>

#include "connectors/xlsx/xml_part.h"
#include "dealer_balances.h"
#include "orders_workspace.h"
#include "tests/connectors/xlsx/memory_parts.h"

using namespace tallymill;

namespace {

/// What a build server makes of a JUnit file; throws if it is not well-formed.
class JunitReader final : public xlsx::XmlHandler {
 public:
  explicit JunitReader(const std::string& xml) {
    xlsx::MemoryParts parts({{"junit.xml", xml}});
    xlsx::XmlPart("junit.xml", parts.open("junit.xml"), *this).parse();
  }

  std::map<std::string, std::string> cases;  ///< by suite and name: what is in them
  std::map<std::string, std::string> messages;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::string> counts;  ///< by suite; "": of all
  std::size_t suites = 0;

  void start(int depth, std::string_view name, const xlsx::XmlAttributes& attributes) override {
    const std::map<int, std::string> expected{{1, "testsuites"}, {2, "testsuite"}, {3, "testcase"}};
    if (const auto known = expected.find(depth); known != expected.end())
      CHECK(name == known->second);
    if (depth <= 2) {
      suite_ = depth == 1 ? "" : attributes.text("name");
      suites += depth == 2 ? 1 : 0;
      counts[suite_] = attributes.text("tests") + " " + attributes.text("failures") + " " +
                       attributes.text("errors") + " " + attributes.text("skipped");
    } else if (depth == 3) {
      CHECK(!attributes.text("classname").empty());
      case_ = suite_ + "/" + attributes.text("name");
      CHECK(!cases.contains(case_));
      cases[case_] = "";
    } else {
      cases[case_] = std::string(name);
      messages[case_] = attributes.text("message");
    }
  }
  void end(int, std::string_view) override {}
  void text(std::string_view text) override {
    if (!case_.empty()) texts[case_] += text;
  }

 private:
  std::string suite_;
  std::string case_;
};

json::object results_with(const std::string& name, const std::string& message) {
  const json::object check{{"name", name},         {"check", "rule"},
                           {"outcome", "fail"},    {"message", message},
                           {"where", nullptr},     {"dataset", nullptr},
                           {"observed", message},  {"expected", ""},
                           {"tolerance", nullptr}, {"top_values", json::array()},
                           {"sample", nullptr}};
  const json::object job{{"job", "a[<b>]"},       {"type", "check"},
                         {"state", "succeeded"},  {"reason", nullptr},
                         {"gate", nullptr},       {"findings", nullptr},
                         {"error", nullptr},      {"checks", json::array{check}},
                         {"turned_away", nullptr}};
  return {{"graph", "g"}, {"period", "2026-01"}, {"jobs", json::array{job}}};
}

}  // namespace

TEST_CASE("junit: a suite per job, a case per check, each outcome in its own way") {
  OrdersWorkspace& orders = finished_orders();
  const ProgramEnd end = orders.run({"report", "orders", "--junit", "junit.xml"});
  CHECK(end.exit == 0);
  CHECK(end.err == "written to junit.xml\n");
  const JunitReader junit(read_file(orders.root() / "junit.xml"));
  CHECK(junit.suites == 7);
  CHECK(junit.counts.at("") == "8 3 1 2");
  CHECK(junit.counts.at("orders") == "0 0 0 0");
  CHECK(junit.counts.at("orders_are_sound") == "5 2 0 1");
  const std::string suite = "orders_are_sound/";
  CHECK(junit.cases.at(suite + "unique(order_id)").empty());
  CHECK(junit.cases.at(suite + "not_null(city)") == "failure");
  CHECK(junit.cases.at(suite + "format(phone)") == "system-out");
  CHECK(junit.cases.at(suite + "in_range(amount)") == "skipped");
  CHECK(contains(junit.messages.at(suite + "not_null(city)"), "1 of 3 rows failed"));
  CHECK(contains(junit.texts.at(suite + "not_null(city)"), "where: graphs/orders.yaml:19\n"));
  CHECK(contains(junit.texts.at(suite + "in_set(city)"), "'北京', '上海'"));
  CHECK(contains(junit.texts.at(suite + "in_set(city)"), "value: '<b>\"&'' (1)\n"));
  CHECK(junit.cases.at("same_orders/same_orders") == "failure");
  CHECK(junit.messages.at("same_orders/same_orders") ==
        "1 finding, refused others, 1 rows of same_orders.breaks");
  CHECK(contains(junit.texts.at("same_orders/same_orders"), "_only: 1, difference "));
  CHECK(junit.cases.at("lost/lost") == "error");
  CHECK(contains(junit.messages.at("lost/lost"), "\n  while running job 'lost'"));
  CHECK(junit.cases.at("copy/copy") == "skipped");
}

TEST_CASE("junit: a sample adds where failing rows stand") {
  OrdersWorkspace& orders = finished_orders();
  orders.run({"report", "orders", "--junit", "rows.xml", "--sample", "2"});
  const JunitReader junit(read_file(orders.root() / "rows.xml"));
  CHECK(contains(junit.texts.at("orders_are_sound/not_null(city)"),
                 "row: orders-2026-02.csv:3: city is null; expected a value\n"));
}

TEST_CASE("junit: breaks that only warn pass, and say what they are") {
  DealerBalances books;
  REQUIRE(books.month("2026-01").exit == 0);
  books.run({"report", "balances", "--junit", "junit.xml"});
  const JunitReader junit(read_file(books.root() / "junit.xml"));
  CHECK(junit.cases.at("agree/agree") == "system-out");
  CHECK(contains(junit.texts.at("agree/agree"),
                 "warning: 3 findings, 3 rows of agree.breaks\nmatched: 1, difference 0.00\n"
                 "amount: 2, difference -1.50\nright_only: 1, difference -9.00\nnew: 3, difference "
                 "-10.50\nclosing: 3, difference -10.50\n"));
}

TEST_CASE("junit: whatever a text holds, the XML is well-formed") {
  for (const std::string& text : std::vector<std::string>{
           "]]> <a b=\"c\"> & 'd' &amp;", "line\nbreak\r\ttab", "王小明 \U0001F600",
           std::string("\x01\x1B\x7F", 3), "\xEF\xBF\xBE", "\xC3\x28 broken", "\xED\xA0\x80"}) {
    CAPTURE(text);
    const JunitReader junit(junit_xml(results_with(text, text)));
    CHECK(junit.counts.at("a[<b>]") == "1 1 0 0");
  }
  const JunitReader junit(junit_xml(results_with("x", "a \"<&>' b\nc")));
  CHECK(junit.messages.at("a[<b>]/x") == "a \"<&>' b\nc");
}
