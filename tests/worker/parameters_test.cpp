#include "worker/parameters.h"

#include <doctest/doctest.h>

#include "core/digest.h"
#include "core/files.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

namespace {

Task task_of(const std::string& period) {
  Task task;
  task.period = period;
  task.partition = "b/1";
  task.params["tolerance"] = {"money", "1.50"};
  task.params["rate"] = {"decimal", "0.0125"};
  task.params["since"] = {"date", "2025-12-31"};
  task.params["on"] = {"boolean", "true"};
  task.params["n"] = {"integer", "-5"};
  task.params["bad"] = {"money", "1.505"};
  return task;
}

std::string bound(const std::string& sql, std::string* problems = nullptr) {
  Diagnostics diagnostics;
  const std::string result =
      bind_sql_parameters(task_of("2026-02"), sql, {"g.yaml", 4, 2}, diagnostics);
  if (problems != nullptr) *problems = diagnostics.render();
  return result;
}

}  // namespace

TEST_CASE("parameters: values become typed literals") {
  CHECK(bound(":period") == "cast('2026-02' as VARCHAR)");
  CHECK(bound(":period_first_day") == "cast('2026-02-01' as DATE)");
  CHECK(bound(":period_last_day") == "cast('2026-02-28' as DATE)");
  CHECK(bound(":param_tolerance") == "cast(1.50 as DECIMAL(18,2))");
  CHECK(bound(":param_rate") == "cast(0.0125 as DECIMAL(38,4))");
  CHECK(bound(":param_since") == "cast('2025-12-31' as DATE)");
  CHECK(bound(":partition") == "cast('b/1' as VARCHAR)");
  CHECK(bound(":param_on and x > :param_n") == "true and x > cast(-5 as BIGINT)");
}

TEST_CASE("parameters: what cannot be bound is reported where the SQL stands") {
  std::string problems;
  bound("x = :peroid", &problems);
  CHECK(problems == "g.yaml:4:2: error: unknown SQL parameter ':peroid'; did you mean 'period'?\n");
  bound("x = :param_bad", &problems);
  CHECK(problems ==
        "g.yaml:4:2: error: parameter 'bad' is not a valid money: '1.505' "
        "(surplus_fraction_digits)\n");
  bound("x = '${period}'", &problems);
  CHECK(problems ==
        "g.yaml:4:2: error: '${' has no place in SQL: values are bound, never pasted; write "
        ":period, :period_first_day, :period_last_day or :param_<name>\n");
}

TEST_CASE("parameters: paths and texts are expanded") {
  Diagnostics diagnostics;
  CHECK(expand_text(task_of("2026-02"), "in/${year}/${month}/${period}_${param:n}_${partition}.csv",
                    {}, diagnostics) == "in/2026/02/2026-02_-5_b/1.csv");
  CHECK(expand_text(task_of("2026-02"), "${format(add_months(period, -1), 'yyyyMM')}.csv", {},
                    diagnostics) == "202601.csv");
  CHECK(expand_text(task_of("2026-02"), "${param:since + 1}", {}, diagnostics) == "2026-01-01");
  CHECK(diagnostics.empty());
  expand_text(task_of("2026-02"), "${perod} ${", {"g.yaml", 1, 1}, diagnostics);
  CHECK(diagnostics.render() ==
        "g.yaml:1:1: error: a value is expected here in '${...}'; write e.g. ${period} or "
        "${format(period_last_day, 'yyyyMMdd')}\n"
        "g.yaml:1:1: error: unknown name 'perod' in '${...}'; did you mean 'period'?\n");
}

TEST_CASE("parameters: work days and scheduled times are those the task was given") {
  const TemporaryFolder folder;
  const std::string text =
      "calendar: cn\nyears:\n  2026:\n    holidays: [2026-03-02]\n    workdays: []\n";
  write_file_durably(folder / "cn", text);
  Task task = task_of("2026-02");
  task.time = {.zone = "Asia/Shanghai", .calendar = "cn", .scheduled = "2026-03-03T06:00:00"};
  task.files["calendars/cn.yaml"] = {"calendars/cn.yaml", sha256_hex(text), folder / "cn"};
  Diagnostics diagnostics;
  CHECK(expand_text(task, "${workday(1)}_${format(scheduled, 'HHmm')}", {}, diagnostics) ==
        "2026-03-03_0600");
  CHECK(diagnostics.render() == "");
}
