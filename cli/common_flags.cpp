#include "cli/common_flags.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"

namespace tallymill {

Flag period_flag() {
  return {.name = "period",
          .value = "PERIOD",
          .summary = "The business time, e.g. 2026-01.",
          .required = true};
}

Period period_of(const Invocation& invocation) { return parse_period(invocation.text("period")); }

Period parse_period(const std::string& text) {
  if (const auto period = Period::parse(text)) return *period;
  throw Error(ErrorClass::config,
              "'" + text + "' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31");
}

Flag wait_flag() {
  return {.name = "wait", .summary = "Wait for as long as another tallymill takes no requests."};
}

std::string job_run_of(const Invocation& invocation) {
  const auto partition = partition_of(invocation);
  return job_name(invocation.text("JOB"), partition ? partition->value : "");
}

void require_partition(const std::string& job, const std::vector<std::string>& names) {
  constexpr std::size_t kMostNamed = 10;
  std::vector<std::string> partitions;
  for (const std::string& name : names)
    if (const JobName parts = split_job_name(name); parts.job == job && !parts.partition.empty())
      partitions.push_back(name);
  if (partitions.empty()) return;
  const std::string more = partitions.size() > kMostNamed ? ", ..." : "";
  partitions.resize(std::min(partitions.size(), kMostNamed));
  throw Error(ErrorClass::config, "job '" + job + "' runs once per partition; name one: " +
                                      join(partitions, ", ") + more);
}

Flag rules_flag() {
  return {.name = "rules",
          .value = "current",
          .summary = "Use the versions of rules that count now, not those of the period."};
}

RulesOf rules_of(const Invocation& invocation) {
  const std::string word = invocation.text("rules");
  if (!word.empty() && word != "current")
    throw Error(ErrorClass::config, "--rules takes 'current', got '" + word +
                                        "'; without it the versions of the period count");
  return word.empty() ? RulesOf::period : RulesOf::now;
}

Flag param_flag(std::string summary) {
  return {.name = "param", .value = "NAME=VALUE", .summary = std::move(summary), .repeated = true};
}

std::map<std::string, std::string> params_of(const Invocation& invocation) {
  std::map<std::string, std::string> params;
  for (const std::string& text : invocation.texts("param")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorClass::config,
                  "--param takes NAME=VALUE, e.g. --param tolerance=1.00; got '" + text + "'");
    if (!params.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
      throw Error(ErrorClass::config,
                  "--param " + text.substr(0, equals) + " is given more than once");
  }
  return params;
}

Flag partition_flag(std::string summary) {
  return {.name = "partition", .value = "NAME=VALUE", .summary = std::move(summary)};
}

std::optional<PartitionChoice> partition_of(const Invocation& invocation) {
  if (!invocation.has("partition")) return std::nullopt;
  const std::string text = invocation.text("partition");
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw Error(ErrorClass::config,
                "--partition takes NAME=VALUE, e.g. --partition city=beijing; got '" + text + "'");
  return PartitionChoice{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace tallymill
