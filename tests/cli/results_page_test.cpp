#include "cli/results_page.h"

#include <doctest/doctest.h>

#include <regex>

#include "connectors/xlsx/xml_part.h"
#include "orders_workspace.h"
#include "tests/connectors/xlsx/memory_parts.h"

using namespace tallymill;

namespace {

class Nothing final : public xlsx::XmlHandler {
 public:
  void start(int, std::string_view, const xlsx::XmlAttributes&) override {}
  void end(int, std::string_view) override {}
  void text(std::string_view) override {}
};

/// Throws where a tag is open or an attribute unquoted, once the two kinds of tags that stand alone
/// are gone.
void require_closed_tags(std::string page) {
  page = std::regex_replace(page, std::regex("<!doctype html>|<meta [^>]*>"), "");
  xlsx::MemoryParts parts({{"page", page}});
  Nothing handler;
  xlsx::XmlPart("page", parts.open("page"), handler).parse();
}

std::string page_of(const std::string& run) {
  OrdersWorkspace& orders = finished_orders();
  const ProgramEnd end = orders.run({"report", run, "--html", "page.html"});
  CHECK(end.exit == 0);
  CHECK(end.err == "written to page.html\n");
  return read_file(orders.root() / "page.html");
}

}  // namespace

TEST_CASE("results page: needs nothing else and runs nothing") {
  const std::string page = page_of("orders");
  CHECK(contains(page, "default-src 'none'"));
  // Inside of tags and styles; in texts these are only words.
  for (const char* outside : {"script", "link", "img", "iframe", "object", "base", "form"})
    CHECK_MESSAGE(!contains(page, "<" + std::string(outside)), outside);
  CHECK(!std::regex_search(page, std::regex("<[^>]* (on[a-z]+|src|style|action)=")));
  CHECK(!std::regex_search(page, std::regex("href=\"[^#]")));
  CHECK(!contains(page.substr(0, page.find("</style>")), "url("));
  CHECK_NOTHROW(require_closed_tags(page));
}

TEST_CASE("results page: verdict, checks, books, what failed and its rows") {
  const std::string page = page_of("orders");
  CHECK(contains(page, "<h1>orders 2026-02, run orders.2026-02.1: failed</h1>"));
  CHECK(contains(page, "5 checks: 1 passed, 2 failed, 1 warned, 1 not applicable"));
  CHECK(contains(page, "<a href=\"#orders_are_sound-1\">not_null(city)</a>"));
  CHECK(contains(page, "<section id=\"orders_are_sound-1\">"));
  CHECK(contains(page, "books, which close"));
  CHECK(contains(page, "<td>-</td><td>2</td><td>***</td><td>5.00</td>"));
  CHECK(contains(page, "orders.rejects: the first of 1 rows"));
  CHECK(contains(page, "same_orders.breaks: the first of 1 rows"));
  CHECK(contains(page, "no such file"));
  CHECK(contains(page, "北京"));
}

TEST_CASE("results page: every value of the data is escaped, sensitive ones are masked") {
  const std::string page = page_of("orders");
  CHECK(contains(page, "<td>&lt;b&gt;&quot;&amp;&#39;</td>"));
  CHECK(!contains(page, "<b>\""));
  CHECK(!contains(page, "1380000000"));
}

TEST_CASE("results page: rows by period up to the one of the run") {
  CHECK(contains(page_of("orders"), "<title>2026-01: 2 rows, 0 failed</title>"));
  CHECK(contains(page_of("orders"), "<title>2026-02: 4 rows, 1 failed</title>"));
  CHECK(!contains(page_of("orders.2026-01.1"), "<svg"));
}
