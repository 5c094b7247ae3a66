#include "cli/run_results.h"
#include "cli/run_words.h"
#include "cli/text_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::size_t kWidestFound = 60;

/// "33 checks: 13 passed, 17 failed, 3 warned"
std::string summary_of(const json::object& checks) {
  const std::int64_t total = json_integer(checks, "total");
  if (total == 0) return "no checks\n";
  std::vector<std::string> parts;
  const auto add = [&](const char* key, const char* words) {
    if (const std::int64_t count = json_integer(checks, key); count > 0)
      parts.push_back(group_digits(count) + " " + words);
  };
  add("pass", "passed");
  add("fail", "failed");
  add("warn", "warned");
  add("not_applicable", "not applicable");
  return group_digits(total) + (total == 1 ? " check: " : " checks: ") + join(parts, ", ") + "\n";
}

/// Jobs that are in no table: they could not run, or found something that is no check's.
std::string troubles_of(const json::array& jobs) {
  std::string text;
  for (const json::value& item : jobs) {
    const json::object& job = item.as_object();
    const json::object* findings = json_at(job, "findings").if_object();
    const std::int64_t found = findings == nullptr ? 0 : json_integer(*findings, "error");
    if (found > 0 && json_at(job, "checks").as_array().empty())
      text += json_text(job, "job") + ": " + group_digits(found) +
              (found == 1 ? " finding\n" : " findings\n");
    if (const json::object* error = json_at(job, "error").if_object())
      text += json_text(job, "job") + " failed (" + json_text(*error, "class") +
              "): " + first_line(json_text(*error, "message")) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string results_text(const json::object& results) {
  TextTable table({{"job"},
                   {"check"},
                   {"severity"},
                   {"outcome"},
                   {"checked", true},
                   {"failed", true},
                   {"found"},
                   {"where"}});
  const json::array& jobs = json_at(results, "jobs").as_array();
  for (const json::value& job : jobs)
    for (const json::value& item : json_at(job.as_object(), "checks").as_array()) {
      const json::object& check = item.as_object();
      table.add({json_text(job.as_object(), "job"), json_text(check, "name"),
                 json_text(check, "severity"), json_text(check, "outcome"),
                 group_digits(json_integer(check, "rows_checked")),
                 group_digits(json_integer(check, "rows_failed")),
                 fit(json_text(check, "observed"), kWidestFound),
                 json_text_or(check, "where", "")});
    }
  const json::object& statistics = json_at(results, "statistics").as_object();
  return summary_of(json_at(statistics, "checks").as_object()) +
         (table.empty() ? "" : table.text()) + troubles_of(jobs);
}

}  // namespace tallymill
