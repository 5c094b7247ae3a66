#include <doctest/doctest.h>

#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"
#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

const std::string kYears = (fs::path(kSourceFolder) / "tests/data/holiday_cn").string();

CommandOutcome import(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"import", "calendar"});
  return run_tallymill(arguments);
}

/// The lines of one year, as the shipped calendar has them.
std::string shipped(const std::string& from, const std::string& to) {
  const std::string text = read_file(fs::path(kSourceFolder) / "config/calendars/cn.yaml");
  const std::size_t begin = text.find("\n  " + from + ":\n") + 1;
  const std::size_t end = to.empty() ? text.size() : text.find("\n  " + to + ":\n") + 1;
  return text.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("import calendar: a folder of years becomes what ships of them") {
  const CommandOutcome end = import({kYears, "--name", "cn"});
  CHECK(end.exit == 0);
  CHECK(end.out == "calendar: cn\nyears:\n" + shipped("2018", "2019") + shipped("2019", ""));
  CHECK(end.err ==
        "2018: 23 holidays, 6 days worked instead\n2019: 24 holidays, 7 days worked instead\n");
}

TEST_CASE("import calendar: later years go beside what was shipped") {
  const SampleWorkspace workspace;
  const std::string out = workspace.root() + "/calendars/cn.2019.yaml";
  const CommandOutcome end = import({kYears + "/2019.json", "--out", out, "--json"});
  CHECK(end.exit == 0);
  const json::value report = parse_json(end.out, "the report");
  CHECK(report.at("calendar") == "cn");
  CHECK(report.at("years").at(0).at("year") == 2019);
  CHECK(report.at("years").at(0).at("holidays") == 24);
  CHECK(read_file(out) == "calendar: cn\nyears:\n" + shipped("2019", ""));
  const CommandOutcome again = import({kYears + "/2019.json", "--out", out});
  CHECK(again.exit == 2);
  CHECK(again.err.find("exists, and an import does not replace") != std::string::npos);
}

TEST_CASE("import calendar: what is wrong is told with file, line and column, all of it") {
  const SampleWorkspace workspace;
  workspace.write(
      "a.json", "{\"year\": 2019, \"days\": [\n  {\"date\": \"2019-02-30\", \"isOffDay\": true}]}");
  workspace.write("b.json", "{\"year\": 2018, \"days\": 3}");
  const std::string root = workspace.root();
  const CommandOutcome end = import({root, "--out", root + "/calendars/cn.yaml"});
  CHECK(end.exit == 2);
  CHECK(end.err ==
        root +
            "/a.json:2:3: error: key 'date' must be a day such as 2019-01-01, got '2019-02-30'\n"
            "    2 |   {\"date\": \"2019-02-30\", \"isOffDay\": true}]}\n      |   ^\n" +
            root +
            "/b.json:1:1: error: key 'days' must be a list\n"
            "    1 | {\"year\": 2018, \"days\": 3}\n      | ^\n");
  CHECK(!fs::exists(root + "/calendars"));
}

TEST_CASE("import calendar: a year twice and a day that is called both are refused") {
  const SampleWorkspace workspace;
  const std::string root = workspace.root();
  workspace.write("one/2019.json", read_file(kYears + "/2019.json"));
  CHECK(import({kYears, root + "/one", "--name", "cn"})
            .err.find("error: year 2019 is in '" + kYears + "/2019.json', too") !=
        std::string::npos);
  workspace.write("both.json",
                  "{\"year\": 2019, \"days\": [{\"date\": \"2019-02-23\", \"isOffDay\": true},"
                  "{\"date\": \"2019-02-23\", \"isOffDay\": false}]}");
  const CommandOutcome both = import({root + "/both.json", "--name", "cn"});
  CHECK(both.exit == 2);
  CHECK(both.err.find("2019-02-23") != std::string::npos);
}

TEST_CASE("import calendar: wrong usage says what is right") {
  const SampleWorkspace workspace;
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandOutcome end = import(arguments);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(error({kYears}).find("a calendar needs a name; give --name") != std::string::npos);
  CHECK(error({kYears, "--name", "c n"}).find("letters, digits and '_', not 'c n'") !=
        std::string::npos);
  CHECK(error({kYears, "--name", "de", "--out", "cn.yaml"}).find("it is called 'cn' there") !=
        std::string::npos);
  CHECK(error({workspace.root(), "--name", "cn"}).find("holds no *.json") != std::string::npos);
  CHECK(error({workspace.root() + "/x.json", "--name", "cn"}).find("there is no file or folder") !=
        std::string::npos);
}

TEST_CASE("import calendar: every outside year makes the calendar that ships") {
  const auto folder = outside_data("suites/holiday_cn");
  if (!folder) return;
  const CommandOutcome end = import({folder->string(), "--name", "cn"});
  CHECK(end.exit == 0);
  CHECK(end.out == "calendar: cn\nyears:\n" + shipped("2007", ""));
}
