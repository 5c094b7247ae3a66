#include "scheduler/fingerprint.h"

#include <algorithm>

#include "core/digest.h"
#include "core/rule_version.h"
#include "core/text.h"
#include "core/yaml.h"
#include "scheduler/file_options.h"
#include "scheduler/period_choice.h"

namespace tallymill {
namespace {

/// The options that say what a job makes, as canonical texts by key.
using SpecTexts = std::vector<std::pair<std::string, std::string>>;

SpecTexts spec_texts(const YamlNode& spec) {
  SpecTexts keys;
  // Keys every job has say when and how often it runs, not what it makes.
  const std::vector<std::string>& common = common_job_keys();
  for (std::size_t i = 0; i < spec.size(); ++i) {
    const std::string key(spec.key(i).text());
    if (std::find(common.begin(), common.end(), key) == common.end())
      keys.emplace_back(key, spec[i].canonical());
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

/// A job uses a parameter by writing its name: `:param_NAME`, `param(NAME)`, `${NAME}`. Whatever
/// else contains the name lets the job run once too often, never once too seldom.
bool is_used(const std::string& param, const SpecTexts& spec) {
  return std::any_of(spec.begin(), spec.end(), [&](const auto& entry) {
    return entry.second.find(param) != std::string::npos;
  });
}

/// What the dates of its texts are reckoned by, where they are.
void add_dates(Fingerprint& fingerprint, const Workspace& workspace, const JobNode& job,
               const std::string& period, const PinnedFiles& files) {
  if (!job.dates.calendar && !job.dates.zone && !job.dates.due) return;
  const TaskTime time = task_time(workspace, job, period);
  fingerprint.add("dates").add(time.zone).add(time.scheduled);
  for (const std::string& path : calendar_files(workspace, time.calendar))
    if (const auto file = files.find(path); file != files.end())
      fingerprint.add(path).add(file->second.sha256);
}

void add_connectors(Fingerprint& fingerprint, const Workspace& workspace, const JobShape& shape) {
  for (const DatasetUse& use : shape.connectors) {
    const auto found = workspace.connectors.find(use.dataset);
    if (found == workspace.connectors.end()) continue;
    // Without positions: moving a connector within tallymill.yaml changes nothing.
    const auto document = YamlDocument::from_json(found->second.spec);
    fingerprint.add(use.dataset).add(found->second.type).add(document->root().canonical());
  }
}

}  // namespace

std::string job_fingerprint(const Workspace& workspace, const JobNode& job,
                            const std::string& period,
                            const std::map<std::string, TaskParam>& params,
                            const PinnedFiles& files, const std::vector<PinnedVersion>& inputs,
                            const std::string& as_of) {
  Fingerprint fingerprint;
  fingerprint.add("tallymill result " + std::to_string(kResultAbi));
  fingerprint.add(std::to_string(workspace.currency_scale));
  fingerprint.add(job.spec.type).add(period);
  if (!job.partition.empty()) fingerprint.add("partition").add(job.partition);
  const SpecTexts spec = spec_texts(job.spec.options.node());
  for (const auto& [key, text] : spec) fingerprint.add(key).add(text);
  fingerprint.add("params");
  for (const auto& [name, param] : params)
    if (is_used(name, spec)) fingerprint.add(name).add(param.type).add(param.value);
  fingerprint.add("files");
  for (const FileUse& use : job.shape.files)
    if (const auto file = files.find(use.path); file != files.end())
      fingerprint.add(use.path).add(rule_name_of(use.path).empty()
                                        ? file->second.sha256
                                        : rule_version({use.path, file->second.sha256}));
  for (const StoredFile& stored : stored_files_of(job.spec.name, files))
    fingerprint.add(stored.path).add(stored.file->sha256);
  add_dates(fingerprint, workspace, job, period, files);
  fingerprint.add("inputs");
  for (const PinnedVersion& input : inputs)
    fingerprint.add(input.dataset).add(input.period).add(input.partition).add(input.digest);
  if (const std::vector<std::string> columns = workspace.sensitive_inputs(job.shape);
      !columns.empty())
    fingerprint.add("sensitive columns").add(join(columns, "\n"));
  fingerprint.add("connectors");
  add_connectors(fingerprint, workspace, job.shape);
  if (const std::vector<std::string> hidden = workspace.hidden_columns(job.shape); !hidden.empty())
    fingerprint.add("hidden columns").add(join(hidden, "\n"));
  if (job.shape.reads_as_of) fingerprint.add("as of").add(as_of);
  return fingerprint.hex();
}

}  // namespace tallymill
