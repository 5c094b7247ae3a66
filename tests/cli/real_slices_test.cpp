// The workspaces on real data, on the small part of it that is in the repository: what they find is
// what an independent count of the same files says. The whole of it runs in tests/cases, where
// $TALLYMILL_DATA has it.
#include <doctest/doctest.h>

#include <cstdlib>

#include "program.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

/// A workspace of tests/cases whose data is tests/data.
class RealSlice : public ProgramFixture {
 public:
  RealSlice(const std::string& workspace, const std::string& graph) {
    const char* outside = std::getenv("TALLYMILL_DATA");
    if (outside != nullptr) outside_ = outside;
    const std::filesystem::path source(kSourceFolder);
    ::setenv("TALLYMILL_DATA", (source / "tests/data").c_str(), 1);
    const std::filesystem::path from = source / "tests/cases" / workspace;
    for (const std::string& file : {std::string("tallymill.yaml"), "graphs/" + graph + ".yaml"})
      write(file, read_file(from / file));
  }
  ~RealSlice() {
    if (outside_)
      ::setenv("TALLYMILL_DATA", outside_->c_str(), 1);
    else
      ::unsetenv("TALLYMILL_DATA");
  }
  RealSlice(const RealSlice&) = delete;
  RealSlice& operator=(const RealSlice&) = delete;

  json::value report(const std::string& graph, const std::string& job) {
    return parse_json(run({"report", graph, job, "--json"}).out, "report").at("report");
  }

 private:
  std::optional<std::string> outside_;
};

}  // namespace

TEST_CASE("real slices: the first twenty invoices of a shop equal their 112 lines") {
  RealSlice shop("chinook", "headers_against_lines");
  CHECK(shop.run({"run", "headers_against_lines", "--period", "2010"}).exit == 0);
  const json::value report = shop.report("headers_against_lines", "headers_equal_lines");
  CHECK(report.at("verdict").as_string() == "clean");
  CHECK(json::serialize(report.at("statement").at("left")) == R"({"rows":20,"amount":"110.88"})");
  CHECK(json::serialize(report.at("statement").at("right")) == R"({"rows":112,"amount":"110.88"})");
}

TEST_CASE("real slices: 22 of 27 cancellations of five customers take back a sale of theirs") {
  RealSlice shop("cancellations", "cancellations");
  std::string graph = read_file(shop.root() / "graphs/cancellations.yaml");
  graph.replace(graph.find("\"728\""), 5, "\"27\"");
  shop.write("graphs/cancellations.yaml", graph);
  CHECK(shop.run({"run", "cancellations", "--period", "2010-12"}).exit == 0);
  const json::value report = shop.report("cancellations", "taken_back");
  CHECK(report.at("verdict").as_string() == "warnings");
  const json::object& statement = report.at("statement").as_object();
  CHECK(json::serialize(statement.at("left")) == R"({"rows":27,"amount":"2039.75"})");
  CHECK(json::serialize(statement.at("right")) == R"({"rows":75,"amount":"4791.18"})");
  CHECK(statement.at("residual").as_string() == "0.00");
  std::vector<std::string> classes;
  for (const json::value& line : statement.at("classes").as_array())
    classes.push_back(std::string(line.at("class").as_string()) + " " +
                      std::to_string(line.at("left_rows").as_int64()) + " " +
                      std::string(line.at("left_amount").as_string()) + " = " +
                      std::to_string(line.at("right_rows").as_int64()) + " " +
                      std::string(line.at("right_amount").as_string()));
  CHECK(classes == std::vector<std::string>{
                       "exact 22 2013.40 = 22 2013.40", "many_to_one 0 0.00 = 0 0.00",
                       "subset_sum 0 0.00 = 0 0.00", "left_only 5 26.35 = 0 0.00",
                       "right_only 0 0.00 = 53 2777.78", "search_cut_off 0 0.00 = 0 0.00"});
}
