#include "cli/check_source.h"

#include "core/yaml.h"
#include "jobs/dataset_input.h"
#include "rules/check_report.h"
#include "rules/check_suite.h"

namespace tallymill {
namespace {

constexpr std::int64_t kWholeRatio = 1'000'000'000;

json::object tolerance_of(const CheckSettings& settings) {
  json::object tolerance;
  if (settings.has_max_failed) tolerance["max_failed"] = settings.max_failed;
  if (settings.max_ratio) tolerance["max_ratio"] = exact_ratio(*settings.max_ratio, kWholeRatio);
  if (settings.expect_failed) tolerance["expect_failed"] = *settings.expect_failed;
  if (!settings.amount.empty()) tolerance["amount"] = settings.amount;
  if (!settings.max_failed_amount.empty())
    tolerance["max_failed_amount"] = settings.max_failed_amount;
  if (settings.max_amount_ratio)
    tolerance["max_amount_ratio"] = exact_ratio(*settings.max_amount_ratio, kWholeRatio);
  return tolerance;
}

}  // namespace

CheckSource::CheckSource(const Task& task, const Registry<CheckType>& types) {
  if (task.type != "check") return;
  const auto document = YamlDocument::from_json(task.spec);
  const YamlNode root = document->root();
  dataset_ = input_name(root.find("of"));
  // It was loaded without a problem when it ran.
  Diagnostics ignored;
  for (const SuiteCheck& check : load_checks(root.find("checks"), types, ignored)) {
    const SourcePosition& position = check.settings.position;
    entries_[check.settings.name] = {position.file + ":" + std::to_string(position.line),
                                     tolerance_of(check.settings)};
  }
}

json::value CheckSource::where(const std::string& check) const {
  const auto found = entries_.find(check);
  return found == entries_.end() ? json::value(nullptr) : json::value(found->second.where);
}

json::value CheckSource::tolerance(const std::string& check) const {
  const auto found = entries_.find(check);
  return found == entries_.end() || found->second.tolerance.empty()
             ? json::value(nullptr)
             : json::value(found->second.tolerance);
}

}  // namespace tallymill
