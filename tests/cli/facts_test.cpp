// What the cases on real data expect is what an independent script counted in the same files: an
// expectation that was rewritten without a look would show here.
#include <doctest/doctest.h>

#include <map>

#include "cli/run_words.h"
#include "core/json.h"
#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace {

const std::filesystem::path kCases = std::filesystem::path(kSourceFolder) / "tests/cases";

/// The columns of a CSV without quotes by its first one.
std::map<std::string, std::vector<std::string>> csv_by_first(const std::filesystem::path& file) {
  std::map<std::string, std::vector<std::string>> rows;
  for (const std::string& line : split(read_file(file), '\n')) {
    if (line.empty()) continue;
    std::vector<std::string> cells = split(line, ',');
    const std::string first = cells.front();
    cells.erase(cells.begin());
    rows[first] = std::move(cells);
  }
  return rows;
}

}  // namespace

TEST_CASE("facts: the invoices of December 2010") {
  const auto file = outside_data("facts.json");
  if (!file) return;
  const json::value facts = parse_json(read_file(*file), "facts.json");
  const json::value& known = facts.at("tables").at("recon/online_retail_2010-12");
  const auto fact = [&](const char* name) { return std::to_string(known.at(name).as_int64()); };
  const auto expected = kCases / "real_invoices/tests/december/expected";
  const auto overview = csv_by_first(expected / "overview.csv");
  for (const auto& [line, name] :
       std::map<std::string, const char*>{{"lines", "rows"},
                                          {"invoices", "invoices"},
                                          {"customers", "customers"},
                                          {"stock codes", "stock_codes"},
                                          {"lines of negative quantity", "neg_qty"}}) {
    CAPTURE(line);
    CHECK(overview.at(line).at(0) == fact(name));
  }
  const auto outcomes = csv_by_first(expected / "outcomes.csv");
  for (const auto& [label, name] :
       std::map<std::string, const char*>{{"cancellation", "cancel_rows"},
                                          {"missing_customer", "missing_customer"},
                                          {"duplicate", "dups"},
                                          {"zero_price", "zero_price"}}) {
    CAPTURE(label);
    CHECK(outcomes.at(label).at(0) == fact(name));
  }
  const std::string total = grouped_amount(std::string(known.at("total").as_string()));
  CHECK(
      read_file(expected / "stdout.txt").find("left_amount " + total + ", right_amount " + total) !=
      std::string::npos);
}

TEST_CASE("facts: chinook's headers and lines") {
  const auto file = outside_data("facts.json");
  if (!file) return;
  const json::value facts = parse_json(read_file(*file), "facts.json");
  const json::value& known = facts.at("tables").at("recon/chinook");
  CHECK(known.at("header_vs_line_breaks").as_int64() == 0);
  const std::string report = read_file(kCases / "chinook/tests/all/expected/stdout.txt");
  for (const char* side : {"invoices", "lines"}) {
    const json::array& counts = known.at(side).as_array();
    CAPTURE(side);
    CHECK(report.find(" " + group_digits(counts.at(0).as_int64()) + "  ") != std::string::npos);
    CHECK(counts.at(1).as_double() == 2328.6);
  }
  CHECK(report.find("left_amount 2,328.60, right_amount 2,328.60") != std::string::npos);
}
